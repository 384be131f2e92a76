"""How the OpenAPI document describes what is asked and answered: exactly as msgspec reads and writes it."""

from __future__ import annotations

from typing import Any, cast

import msgspec
from litestar._openapi.schema_generation import SchemaCreator
from litestar.openapi.spec import OpenAPIFormat, OpenAPIType, Reference, Schema
from litestar.plugins import OpenAPISchemaPlugin
from litestar.typing import FieldDefinition
from msgspec import Struct
from msgspec import inspect as of

SIMPLE: dict[type[of.Type], tuple[OpenAPIType, OpenAPIFormat | None]] = {
    of.NoneType: (OpenAPIType.NULL, None),
    of.BoolType: (OpenAPIType.BOOLEAN, None),
    of.DateTimeType: (OpenAPIType.STRING, OpenAPIFormat.DATE_TIME),
    of.DateType: (OpenAPIType.STRING, OpenAPIFormat.DATE),
    of.TimeDeltaType: (OpenAPIType.STRING, OpenAPIFormat.DURATION),
}
BASE64 = "^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$"


class Described(OpenAPISchemaPlugin):
    """Structs by their own constraints; those written as arrays as arrays, their parts by name.

    The HTTP library's own description of them loses the constraints of what may be null, and the type in a tuple
    that has a bound.
    """

    def is_plugin_supported_field(self, field_definition: FieldDefinition) -> bool:
        """Structs alone."""
        return not field_definition.is_union and field_definition.is_subclass_of(Struct)

    def to_openapi_schema(self, field_definition: FieldDefinition, schema_creator: SchemaCreator) -> Schema:
        """Its component, and those of all that it is made of."""
        struct = cast("of.StructType", of.type_info(field_definition.annotation))
        schema = schema_creator.schema_registry.get_schema_for_field_definition(field_definition)
        schema.title = struct.cls.__name__
        schema.description = struct.cls.__doc__
        if struct.array_like:
            schema.type = OpenAPIType.ARRAY
            schema.prefix_items = [_part(one, schema_creator) for one in struct.fields]
            schema.min_items = sum(one.required for one in struct.fields)
            schema.max_items = len(struct.fields)
        else:
            schema.type = OpenAPIType.OBJECT
            tag = {struct.tag_field: Schema(const=struct.tag)} if struct.tag_field else {}
            omits = struct.cls.__struct_config__.omit_defaults
            properties = {
                one.encode_name: _omitted(one, schema_creator) if omits else _property(one, schema_creator)
                for one in struct.fields
            }
            schema.properties = {**tag, **properties}
            schema.required = sorted([*tag, *(one.encode_name for one in struct.fields if one.required)])
            schema.additional_properties = False if struct.forbid_unknown_fields else None
        return schema


def _part(field: of.Field, creator: SchemaCreator) -> Schema:
    part = _schema(field.type, creator)
    return Schema(all_of=[part], title=field.name) if isinstance(part, Reference) else _with(part, title=field.name)


def _property(field: of.Field, creator: SchemaCreator) -> Schema | Reference:
    described = _schema(field.type, creator)
    if field.required:
        return described
    made = field.default if field.default is not msgspec.NODEFAULT else field.default_factory()
    default = msgspec.to_builtins(made)
    return (
        Schema(all_of=[described], default=default)
        if isinstance(described, Reference)
        else _with(described, default=default)
    )


def _omitted(field: of.Field, creator: SchemaCreator) -> Schema | Reference:
    """Of a struct that leaves its defaults out: not there instead of null."""
    kind = field.type
    if field.required or not isinstance(kind, of.UnionType):
        return _schema(kind, creator)
    there = [one for one in kind.types if not isinstance(one, of.NoneType)]
    return _schema(there[0] if len(there) == 1 else of.UnionType(tuple(there)), creator)


def _with(schema: Schema, **more: Any) -> Schema:
    for name, value in more.items():
        setattr(schema, name, value)
    return schema


def _schema(kind: of.Type, creator: SchemaCreator) -> Schema | Reference:
    match kind:
        case of.Metadata():
            described = _schema(kind.type, creator)
        case of.StructType() | of.EnumType():
            described = _component(kind.cls, creator)
        case of.UnionType():
            described = Schema(one_of=[_schema(one, creator) for one in kind.types])
        case of.TupleType() | of.VarTupleType() | of.ListType() | of.SetType() | of.FrozenSetType():
            described = _array(kind, creator)
        case of.DictType():
            described = Schema(
                type=OpenAPIType.OBJECT,
                property_names=cast("Schema", _schema(kind.key_type, creator)),
                additional_properties=_schema(kind.value_type, creator),
            )
        case of.TypedDictType():
            described = Schema(
                type=OpenAPIType.OBJECT,
                properties={one.encode_name: _schema(one.type, creator) for one in kind.fields},
                required=sorted(one.encode_name for one in kind.fields if one.required),
            )
        case _:
            described = _single(kind)
    return described


def _array(
    kind: of.TupleType | of.VarTupleType | of.ListType | of.SetType | of.FrozenSetType, creator: SchemaCreator
) -> Schema:
    if isinstance(kind, of.TupleType):
        parts = [_schema(one, creator) for one in kind.item_types]
        return Schema(type=OpenAPIType.ARRAY, prefix_items=parts, min_items=len(parts), max_items=len(parts))
    return Schema(
        type=OpenAPIType.ARRAY,
        items=_schema(kind.item_type, creator),
        min_items=kind.min_length,
        max_items=kind.max_length,
    )


def _single(kind: of.Type) -> Schema:
    match kind:
        case of.LiteralType():
            described = Schema(enum=list(kind.values))
        case of.StrType():
            described = Schema(
                type=OpenAPIType.STRING, min_length=kind.min_length, max_length=kind.max_length, pattern=kind.pattern
            )
        case of.BytesType():
            # Base64 takes four characters for three bytes.
            most = None if kind.max_length is None else -(-kind.max_length // 3) * 4
            described = Schema(type=OpenAPIType.STRING, content_encoding="base64", pattern=BASE64, max_length=most)
        case of.IntType() | of.FloatType():
            described = Schema(
                type=OpenAPIType.INTEGER if isinstance(kind, of.IntType) else OpenAPIType.NUMBER,
                minimum=kind.ge,
                maximum=kind.le,
                exclusive_minimum=kind.gt,
                exclusive_maximum=kind.lt,
                multiple_of=kind.multiple_of,
            )
        case of.RawType() | of.AnyType():
            described = Schema()
        case _:
            name, written = SIMPLE[type(kind)]
            described = Schema(type=name, format=written)
    return described


def _component(kind: type[Any], creator: SchemaCreator) -> Schema | Reference:
    field = FieldDefinition.from_annotation(kind)
    described = creator.for_field_definition(field)
    return creator.schema_registry.get_reference_for_field_definition(field) or described
