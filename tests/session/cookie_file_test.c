/* A jar in a file: what is written comes back, others' files are read, bad
 * ones named by their line, and nobody sees half of one. */
#include "base/starved.h"
#include "support/test.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define NOW HWS_S(1700000000)

static char folder[64], path[96];

static int make_folder(void **state)
{
    (void)state;
    strcpy(folder, "cookies-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/jar.txt", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    unlink(path);
    return rmdir(folder); /* fails when something was left beside it */
}

#define WITH_FOLDER(name) \
    cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)

static void write_file(const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fputs(text, file) < 0, 0);
    assert_int_equal(fclose(file), 0);
}

static const char *read_file(void)
{
    static char text[8192];
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
    fclose(file);
    return text;
}

static const char *sent(struct hws_cookies *jar, const char *url)
{
    static char text[8192];
    assert_true(hws_cookies_get(jar, url, NOW, text, sizeof(text)) >= 0);
    return text;
}

static void load(struct hws_cookies *jar)
{
    struct hws_fault fault = {0};
    if (hws_cookies_load(jar, path, NOW, &fault) != 0)
        fail_msg("%s", fault.text);
}

static void save(struct hws_cookies *jar)
{
    struct hws_fault fault = {0};
    if (hws_cookies_save(jar, path, NOW, &fault) != 0)
        fail_msg("%s", fault.text);
}

TEST(what_is_saved_comes_back)
{
    static const char *const set[][2] = {
        {"wss://h.x/", "a=1; Domain=h.x; Secure; Max-Age=100; HttpOnly"},
        {"ws://h.x/", "b=x\ty=z; Path=/p"},
        {"ws://h.x/", "c=; Max-Age=5"},
        {"ws://192.0.2.1/", "d=4"},
        {"ws+unix:///run/a%20b.sock", "e=5"},
    };
    struct hws_cookies *jar = hws_cookies_new(), *copy = hws_cookies_new();
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(hws_cookies_set(jar, set[i][0], set[i][1], NOW), 0);
    save(jar);
    assert_false(hws_cookies_changed(jar));
    assert_string_equal(read_file(),
                        "# Netscape HTTP Cookie File\n"
                        "h.x\tFALSE\t/p\tFALSE\t0\tb\tx\ty=z\n"
                        "#HttpOnly_.h.x\tTRUE\t/\tTRUE\t1700000100\ta\t1\n"
                        "h.x\tFALSE\t/\tFALSE\t1700000005\tc\t\n"
                        "192.0.2.1\tFALSE\t/\tFALSE\t0\td\t4\n"
                        "/run/a b.sock\tFALSE\t/\tFALSE\t0\te\t5\n");
    load(copy);
    assert_false(hws_cookies_changed(copy));
    assert_string_equal(sent(copy, "wss://h.x/p"), "b=x\ty=z; a=1; c=");
    assert_string_equal(sent(copy, "wss://y.h.x/p"), "a=1");
    assert_string_equal(sent(copy, "ws://192.0.2.1/"), "d=4");
    assert_string_equal(sent(copy, "ws+unix:///run/a%20b.sock"), "e=5");
    hws_cookies_free(jar);
    hws_cookies_free(copy);
}

TEST(file_is_its_owners_alone_and_replaced_whole)
{
    struct hws_cookies *jar = hws_cookies_new();
    struct stat about;
    write_file("old\n");
    assert_int_equal(chmod(path, 0644), 0);
    hws_cookies_set(jar, "ws://h/", "a=1", NOW);
    save(jar);
    assert_int_equal(stat(path, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0600);
    assert_null(strstr(read_file(), "old"));
    hws_cookies_free(jar);
}

TEST(files_of_other_tools_are_read)
{
    struct hws_cookies *jar = hws_cookies_new();
    write_file(
        "# Netscape HTTP Cookie File\r\n"
        "\r\n"
        "# made by another\n"
        "h.x\tFALSE\t/\tFALSE\t0\ta\t1\r\n"
        ".h.x\tTRUE\t/\tfalse\t1800000000\tb\t2\n"
        "#HttpOnly_h.x\tFALSE\t/\tFALSE\t1\tgone\t3\n"
        "#HttpOnly_h.x\tFALSE\t/\tFALSE\t0\tc\t\n"
        "h.x\tFALSE\t/\tFALSE\t99999999999999\td\t4");
    load(jar);
    assert_string_equal(sent(jar, "ws://h.x/"), "a=1; b=2; c=; d=4");
    hws_cookies_free(jar);
}

TEST(missing_file_is_an_empty_jar)
{
    struct hws_cookies *jar = hws_cookies_new();
    load(jar);
    assert_int_equal(hws_cookies_count(jar), 0);
    save(jar); /* for remove_folder(), and to show that it can be empty */
    assert_string_equal(read_file(), "# Netscape HTTP Cookie File\n");
    hws_cookies_free(jar);
}

TEST(bad_line_is_named_by_its_number)
{
    static char endless[8000];
    static const char *const bad[][2] = {
        {"nonsense", "line 2 has not seven columns"},
        {"h\tFALSE\t/\tFALSE\t0\ta", "line 2 has not seven columns"},
        {"h\tMAYBE\t/\tFALSE\t0\ta\tb", "line 2 has neither TRUE nor FALSE"},
        {"h\tTRUE\t/\tNO\t0\ta\tb", "line 2 has neither TRUE nor FALSE"},
        {"h\tTRUE\t/\tTRUE\t-1\ta\tb", "line 2 has no time in column 5"},
        {"h\tTRUE\t/\tTRUE\t\ta\tb", "line 2 has no time in column 5"},
        {"\tTRUE\t/\tTRUE\t0\ta\tb", "line 2 lacks a domain, path or name"},
        {"h\tTRUE\tx\tTRUE\t0\ta\tb", "line 2 lacks a domain, path or name"},
        {"h\tTRUE\t/\tTRUE\t0\t\tb", "line 2 lacks a domain, path or name"},
        {"h\tTRUE\t/\tTRUE\t0\ta\tb\x01", "or has a control byte"},
        {endless, "line 2 is longer than a cookie can be"},
    };
    memset(endless, 'x', sizeof(endless) - 1);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        static char text[9000];
        struct hws_fault fault = {0};
        struct hws_cookies *jar = hws_cookies_new();
        snprintf(text, sizeof(text), "g\tFALSE\t/\tFALSE\t0\ta\t1\n%s\n",
                 bad[i][0]);
        write_file(text);
        int status = hws_cookies_load(jar, path, NOW, &fault);
        assert_int_equal(status, HWS_E_ARGUMENT);
        if (!strstr(fault.text, bad[i][1]) || !strstr(fault.text, path))
            fail_msg("'%s' instead of '%s'", fault.text, bad[i][1]);
        assert_string_equal(sent(jar, "ws://g/"), "a=1");
        hws_cookies_free(jar);
    }
}

TEST(places_that_cannot_be_written_are_named)
{
    struct hws_cookies *jar = hws_cookies_new();
    struct hws_fault fault = {0};
    char nowhere[128];
    snprintf(nowhere, sizeof(nowhere), "%s/no/jar.txt", folder);
    hws_cookies_set(jar, "ws://h/", "a=1", NOW);
    assert_int_equal(hws_cookies_save(jar, nowhere, NOW, &fault), HWS_E_SYSTEM);
    assert_int_equal(fault.os_error, ENOENT);
    assert_non_null(strstr(fault.text, nowhere));
    assert_int_equal(hws_cookies_save(jar, folder, NOW, &fault), HWS_E_SYSTEM);
    assert_non_null(strstr(fault.text, "no regular file"));
    assert_int_equal(hws_cookies_save(jar, "/dev/null", NOW, &fault),
                     HWS_E_SYSTEM);
    assert_int_equal(hws_cookies_load(jar, folder, NOW, &fault), HWS_E_SYSTEM);
    assert_true(hws_cookies_changed(jar));
    hws_cookies_free(jar);
}

TEST(no_memory_is_told)
{
    struct hws_cookies *jar = hws_cookies_new();
    write_file("h\tFALSE\t/\tFALSE\t0\ta\t1\n");
    for (int allowed = 0; allowed < 2; allowed++) {
        struct hws_fault fault = {0};
        starve_after(allowed);
        int status = hws_cookies_load(jar, path, NOW, &fault);
        starve_no_more();
        assert_int_equal(status, HWS_E_MEMORY);
        assert_int_equal(fault.status, HWS_E_MEMORY);
    }
    struct hws_fault fault = {0};
    starve_after(0);
    int status = hws_cookies_save(jar, path, NOW, &fault);
    starve_no_more();
    assert_int_equal(status, HWS_E_MEMORY);
    assert_non_null(strstr(read_file(), "a\t1"));
    hws_cookies_free(jar);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        WITH_FOLDER(what_is_saved_comes_back),
        WITH_FOLDER(file_is_its_owners_alone_and_replaced_whole),
        WITH_FOLDER(files_of_other_tools_are_read),
        WITH_FOLDER(missing_file_is_an_empty_jar),
        WITH_FOLDER(bad_line_is_named_by_its_number),
        WITH_FOLDER(places_that_cannot_be_written_are_named),
        WITH_FOLDER(no_memory_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
