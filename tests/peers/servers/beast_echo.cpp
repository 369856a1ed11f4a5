// The echo server of servers/protocol.md on Boost.Beast: a thread and a loop
// for each connection.
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>

#include <cstdlib>
#include <deque>
#include <iostream>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace ssl = asio::ssl;
namespace websocket = beast::websocket;
using tcp = asio::ip::tcp;

static void print(const std::string &line)
{
    static std::mutex lock;
    std::lock_guard<std::mutex> held(lock);
    std::cout << line << std::endl;
}

template <class Stream> class Connection {
public:
    Connection(Stream stream, asio::io_context &loop)
        : ws(std::move(stream)), io(loop)
    {
        websocket::permessage_deflate deflate;
        deflate.server_enable = std::getenv("PEER_COMPRESSION") != nullptr;
        ws.set_option(deflate);
        ws.read_message_max(0);
        // The stream may not be used within this callback.
        ws.control_callback(
            [this](websocket::frame_type kind, beast::string_view text) {
                std::string told = "ponged " + std::string(text);
                if (kind == websocket::frame_type::pong)
                    asio::post(io, [this, told] { push(true, told); });
            });
    }

    void run()
    {
        accept();
        read();
        io.run();
        const websocket::close_reason &reason = ws.reason();
        print("closed " + std::to_string(reason.code) + " " +
              std::string(reason.reason.data(), reason.reason.size()));
    }

private:
    struct Message {
        bool text;
        std::string bytes;
    };

    void accept()
    {
        beast::flat_buffer buffer;
        beast::http::request<beast::http::string_body> request;
        beast::http::read(ws.next_layer(), buffer, request);
        auto field = beast::http::field::sec_websocket_protocol;
        bool second = request[field].find("second") != std::string::npos;
        ws.set_option(websocket::stream_base::decorator(
            [second, field](websocket::response_type &response) {
                if (second)
                    response.set(field, "second");
            }));
        ws.accept(request);
    }

    void read()
    {
        ws.async_read(in, [this](beast::error_code error, std::size_t) {
            if (error)
                return;
            std::string bytes = beast::buffers_to_string(in.data());
            in.consume(in.size());
            if (ws.got_text() && !bytes.empty() && bytes[0] == '!')
                command(bytes.substr(1));
            else
                push(ws.got_text(), std::move(bytes));
            read();
        });
    }

    void push(bool text, std::string bytes)
    {
        out.push_back({text, std::move(bytes)});
        if (out.size() == 1)
            write();
    }

    void write()
    {
        ws.text(out.front().text);
        ws.async_write(asio::buffer(out.front().bytes),
                       [this](beast::error_code error, std::size_t) {
                           out.pop_front();
                           if (!error && !out.empty())
                               write();
                       });
    }

    void command(const std::string &text)
    {
        std::string verb = text.substr(0, text.find(' '));
        std::string rest =
            verb.size() < text.size() ? text.substr(verb.size() + 1) : "";
        if (verb == "ping")
            ws.async_ping(websocket::ping_data(rest), [](beast::error_code) {});
        else if (verb == "close")
            close(rest);
        else if (verb == "cut")
            beast::get_lowest_layer(ws).close();
        else if (verb == "feed")
            for (int i = 0; i < std::stoi(rest); i++)
                push(true, std::to_string(i));
    }

    void close(const std::string &text)
    {
        websocket::close_reason reason(
            static_cast<websocket::close_code>(std::stoi(text)));
        std::size_t space = text.find(' ');
        if (space != std::string::npos)
            reason.reason = text.substr(space + 1);
        ws.async_close(reason, [](beast::error_code) {});
    }

    websocket::stream<Stream> ws;
    asio::io_context &io;
    beast::flat_buffer in;
    std::deque<Message> out; // the first one is being written
};

static void serve_plain(tcp::socket socket, asio::io_context &io)
{
    Connection<tcp::socket>(std::move(socket), io).run();
}

static void serve_tls(tcp::socket socket, asio::io_context &io,
                      ssl::context &context)
{
    ssl::stream<tcp::socket> stream(std::move(socket), context);
    stream.handshake(ssl::stream_base::server);
    Connection<ssl::stream<tcp::socket>>(std::move(stream), io).run();
}

int main(int argc, char **argv)
{
    asio::io_context accepting;
    ssl::context context(ssl::context::tls_server);
    if (argc < 2)
        return 2;
    if (argc > 3) {
        context.use_certificate_chain_file(argv[2]);
        context.use_private_key_file(argv[3], ssl::context::pem);
    }
    tcp::acceptor acceptor(
        accepting, {asio::ip::make_address("127.0.0.1"),
                    static_cast<unsigned short>(std::atoi(argv[1]))});
    print("listening " + std::to_string(acceptor.local_endpoint().port()));
    for (;;) {
        auto io = std::make_unique<asio::io_context>();
        tcp::socket socket = acceptor.accept(*io);
        std::thread([&context, argc, loop = std::move(io),
                     s = std::move(socket)]() mutable {
            try {
                if (argc > 3)
                    serve_tls(std::move(s), *loop, context);
                else
                    serve_plain(std::move(s), *loop);
            } catch (const std::exception &e) {
                print(std::string("failed ") + e.what());
            }
        }).detach();
    }
}
