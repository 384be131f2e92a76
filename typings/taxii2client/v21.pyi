from collections.abc import Callable, Iterator
from typing import Any

def as_pages(
    func: Callable[..., dict[str, Any]], per_request: int = ..., **filters: Any
) -> Iterator[dict[str, Any]]: ...

class Status:
    id: str
    status: str
    total_count: int
    success_count: int
    failure_count: int
    successes: list[dict[str, str]]
    failures: list[dict[str, str]]
    def wait_until_final(self, poll_interval: float = ..., timeout: float = ...) -> None: ...

class Collection:
    id: str
    title: str
    can_read: bool
    can_write: bool
    def get_objects(self, **filters: Any) -> dict[str, Any]: ...
    def get_object(self, obj_id: str, **filters: Any) -> dict[str, Any]: ...
    def delete_object(self, obj_id: str, **filters: Any) -> None: ...
    def object_versions(self, obj_id: str, **filters: Any) -> dict[str, Any]: ...
    def get_manifest(self, **filters: Any) -> dict[str, Any]: ...
    def add_objects(
        self, envelope: Any, wait_for_completion: bool = ..., poll_interval: float = ..., timeout: float = ...
    ) -> Status: ...

class ApiRoot:
    title: str
    versions: list[str]
    max_content_length: int
    collections: list[Collection]
    def get_status(self, status_id: str) -> Status: ...

class Server:
    title: str
    default: ApiRoot | None
    def __init__(self, url: str, user: str = ..., password: str = ...) -> None: ...
