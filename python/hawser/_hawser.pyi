# The extension, as type checkers see it. Times are seconds, sizes bytes.
from typing import (Any, Awaitable, Callable, Dict, Iterable, List, Mapping,
                    Optional, Sequence, Tuple, Union, final)

_Buffer = Union[bytes, bytearray, memoryview]
_Handler = Callable[[str, Any], object]

READ: int
WRITE: int
TEXT: int
BINARY: int

def version() -> str: ...
def pollers() -> List[str]: ...
def metrics(clients: Dict[str, "Client"], openmetrics: bool = True) -> str: ...

class Error(Exception):
    status: str
    phase: str
    os_error: int
    tls_error: int
    tls_verify: int
    http_status: int
    close_code: int
    peer: str

class Loop:
    def __new__(cls, poller: Optional[str] = None) -> "Loop": ...
    @property
    def poller(self) -> str: ...
    @property
    def elsewhere(self) -> bool: ...
    def turn(self, __timeout: Optional[float] = None) -> bool: ...
    def post(self, __callable: Callable[[], object]) -> None: ...
    def fileno(self) -> int: ...
    def remaining(self) -> Optional[float]: ...
    def stats(self) -> Dict[str, Any]: ...
    def time(self) -> float: ...

@final
class Watch:
    def __new__(cls, __loop: Loop,
                __callback: Callable[[int], object]) -> "Watch": ...
    @property
    def interest(self) -> int: ...
    def set(self, __fd: int, __interest: int) -> None: ...

@final
class Timer:
    def __new__(cls, __loop: Loop,
                __callback: Callable[[], object]) -> "Timer": ...
    @property
    def armed(self) -> bool: ...
    def after(self, __delay: float) -> None: ...
    def cancel(self) -> None: ...

@final
class Inbox:
    def __new__(cls, wait: Callable[[], Awaitable[Any]],
                on_high: Callable[[], object], on_low: Callable[[], object],
                high: int) -> "Inbox": ...
    def take(self) -> Any: ...
    def extend(self, __messages: List[Any]) -> None: ...
    def __len__(self) -> int: ...
    def __aiter__(self) -> "Inbox": ...
    def __anext__(self) -> Awaitable[Any]: ...

@final
class Client:
    handler: Optional[_Handler]
    on_message: Optional[Callable[[Any], object]]
    on_messages: Optional[Callable[[List[Any]], object]]
    def __new__(
        cls, __loop: Loop, __handler: Optional[_Handler] = None, *,
        # What becomes of messages.
        on_message: Optional[Callable[[Any], object]] = None,
        on_messages: Optional[Callable[[List[Any]], object]] = None,
        decode: bool = False, borrow: bool = False, opcodes: bool = False,
        # What is asked for in between.
        on_headers: Optional[
            Callable[[int], Iterable[Tuple[str, str]]]] = None,
        on_link: Optional[Callable[[str], Any]] = None,
        on_random: Optional[Callable[[int], _Buffer]] = None,
        # hws_client_options, an underscore for its dots.
        url: str = ..., urls: Sequence[str] = ...,
        return_delay: Optional[float] = ...,
        headers: Union[Mapping[str, str], Iterable[Tuple[str, str]]] = ...,
        subprotocols: Sequence[str] = ..., login_user: str = ...,
        login_password: str = ..., login_bearer: str = ...,
        redirects_max: int = ..., redirects_insecure: bool = ...,
        redirects_trusted: bool = ...,
        openings: Sequence[Union[str, _Buffer]] = ...,
        message_size_max: int = ..., text_unchecked: bool = ...,
        chunk_size: int = ..., head_size_max: int = ...,
        body_size_max: int = ..., send_queue_max: int = ...,
        send_queue_high: int = ..., send_queue_low: int = ...,
        handshake_delay: Optional[float] = ...,
        close_delay: Optional[float] = ..., ping_delay: Optional[float] = ...,
        silent_delay: Optional[float] = ..., open_delay: Optional[float] = ...,
        stale_delay: Optional[float] = ..., stale_reconnect: bool = ...,
        channel_field: str = ..., alarm_lag: Optional[float] = ...,
        alarm_receive_queue: int = ..., alarm_send_queue: int = ...,
        alarm_spin: int = ..., alarm_reconnect: bool = ...,
        measure: bool = ..., judge: bool = ..., retry: bool = ...,
        retry_delay_min: Optional[float] = ...,
        retry_delay_max: Optional[float] = ...,
        retry_stable: Optional[float] = ...,
        retry_after_max: Optional[float] = ...,
        retry_attempts_max: int = ...,
        resolve_delay: Optional[float] = ...,
        connect_delay: Optional[float] = ...,
        attempt_delay: Optional[float] = ..., nameservers: str = ...,
        no_delay: bool = ..., keep_alive: bool = ...,
        keep_idle: Optional[float] = ..., keep_interval: Optional[float] = ...,
        keep_count: int = ..., user_timeout: Optional[float] = ...,
        receive_buffer: int = ..., send_buffer: int = ...,
        tls_verify: bool = ..., tls_ca_file: str = ...,
        tls_ca_path: str = ..., tls_certificate: str = ...,
        tls_private_key: str = ..., tls_version_min: int = ...,
        tls_key_log: str = ..., deflate: bool = ..., proxy: str = ...,
        no_proxy: str = ..., proxy_from_environment: bool = ...,
        proxy_delay: Optional[float] = ..., lag_field: str = ...,
    ) -> "Client": ...
    @property
    def state(self) -> str: ...
    @property
    def url(self) -> str: ...
    @property
    def tls(self) -> str: ...
    def open(self) -> None: ...
    def free(self) -> None: ...
    def send(self, __data: Union[str, _Buffer],
             __opcode: int = 0) -> None: ...
    def ping(self, __data: Union[str, _Buffer] = b"") -> None: ...
    def close(self, __code: int = 1000, __reason: str = "") -> None: ...
    def reconnect(self) -> None: ...
    def pause(self) -> None: ...
    def resume(self) -> None: ...
    def snapshot(self) -> Dict[str, Any]: ...
