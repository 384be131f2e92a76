"""What Laurel uses of feedparser, typed; the package comes without types."""

from collections.abc import Mapping
from typing import Any, BinaryIO

__version__: str

class CharacterEncodingOverride(Exception): ...
class NonXMLContentType(Exception): ...

def parse(
    url_file_stream_or_string: BinaryIO,
    *,
    response_headers: Mapping[str, str] = ...,
    resolve_relative_uris: bool = ...,
    sanitize_html: bool = ...,
) -> Any: ...
