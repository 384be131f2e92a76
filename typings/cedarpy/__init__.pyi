from collections.abc import Mapping, Sequence
from enum import Enum

from cedarpy import pst as pst

class PolicySet:
    @staticmethod
    def from_str(s: str) -> PolicySet: ...

class Schema:
    @staticmethod
    def from_str(s: str) -> Schema: ...

class Decision(Enum):
    Allow = "Allow"
    Deny = "Deny"
    NoDecision = "NoDecision"

class Diagnostics:
    @property
    def errors(self) -> list[str]: ...
    @property
    def reasons(self) -> list[str]: ...

class AuthzResult:
    @property
    def decision(self) -> Decision: ...
    @property
    def allowed(self) -> bool: ...
    @property
    def diagnostics(self) -> Diagnostics: ...

class ValidationError:
    @property
    def error(self) -> str: ...

class ValidationResult:
    @property
    def errors(self) -> Sequence[ValidationError]: ...

def is_authorized(
    request: Mapping[str, object], policies: PolicySet, entities: str, schema: Schema | None = None
) -> AuthzResult: ...
def validate_policies(policies: str, schema: Schema) -> ValidationResult: ...
def policies_to_pst(policies: str) -> pst.PolicySet: ...
