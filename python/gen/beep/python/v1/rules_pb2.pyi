from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import descriptor as _descriptor
from typing import ClassVar as _ClassVar

DESCRIPTOR: _descriptor.FileDescriptor
ID_FORM_FIELD_NUMBER: _ClassVar[int]
id_form: _descriptor.FieldDescriptor
NO_NUL_FIELD_NUMBER: _ClassVar[int]
no_nul: _descriptor.FieldDescriptor
MODULE_NAME_FIELD_NUMBER: _ClassVar[int]
module_name: _descriptor.FieldDescriptor
VARIABLE_NAME_FIELD_NUMBER: _ClassVar[int]
variable_name: _descriptor.FieldDescriptor
SPAN_FIELD_NUMBER: _ClassVar[int]
span: _descriptor.FieldDescriptor
LIFE_FIELD_NUMBER: _ClassVar[int]
life: _descriptor.FieldDescriptor
