from collections.abc import Mapping

class EntityUid:
    id: str

class ActionEq:
    entity: EntityUid

class Template:
    effect: str
    action: object
    annotations: Mapping[str, str]

class PolicySet:
    templates: Mapping[str, Template]
    static_policies: Mapping[str, Template]
