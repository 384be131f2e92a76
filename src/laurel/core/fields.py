"""What bodies and asks are made of: small types that bound what may stand in a field."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

RecordId = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
"""SHA-256 of a record's exact bytes, hexadecimal."""

Sha256 = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
"""SHA-256 of something that is no record, hexadecimal."""

Code = Annotated[str, Meta(pattern="^[A-Z]{3}$")]
"""A member: ISO 3166 alpha-3."""

Language = Annotated[str, Meta(pattern="^[a-z]{2}$")]
"""ISO 639-1."""

Slug = Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9-]{0,79}$")]
"""A short name by which something is cited: `jpn-collective-defence`."""

Name = Annotated[str, Meta(min_length=1, max_length=120)]
"""What an office, a person, a file or an engine is called."""

Line = Annotated[str, Meta(min_length=1, max_length=1_000)]
"""A sentence or two: a reason, a title."""

Text = Annotated[str, Meta(min_length=1, max_length=40_000)]
"""What somebody wrote: a message, a draft. In any script it leaves room in a record of 256 kB."""
