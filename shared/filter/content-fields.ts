/** Fields of payloads that are not USP, as the content views show them. */
import type { Field } from '../dissect/field.ts'
import { MALFORMED_ROWS, rowSet } from './columns.ts'
import type { FieldDefinition, Scalar } from './definition.ts'

type Read = (field: Field) => Scalar | undefined

/** A view shows its whole payload as text. */
const whole: Read = ({ text }) => text
/** Parts are of any type, so they compare as they read. */
const part: Read = ({ value }) => (value === undefined ? undefined : String(value))

const rows: readonly (readonly [name: string, label: string, description: string, read?: Read])[] = [
  ['data', 'Data', 'payload that is shown as bytes'],
  ['data.malformed', 'malformed', 'bytes of a payload that break its format'],
  ['data.text', 'Text', 'payload that is text', whole],
  ['data.json', 'JSON', 'payload that is JSON, laid out in lines', whole],
  ['data.json.item', 'JSON value', 'a value inside JSON', part],
  ['data.cbor', 'CBOR', 'payload that is CBOR, in its notation', whole],
  ['data.cbor.item', 'CBOR value', 'a value inside CBOR', part],
  ['data.msgpack', 'MessagePack', 'payload that is MessagePack, in notation', whole],
  ['data.msgpack.item', 'MessagePack value', 'a value inside MessagePack', part],
  ['data.xml', 'XML', 'payload that is XML, laid out in lines', whole],
  ['data.xml.element', 'XML element', 'text of an XML element', part],
  ['data.xml.attribute', 'XML attribute', 'value of an XML attribute', part],
  ['data.xml.text', 'XML text', 'text between XML elements', part],
  ['data.xml.markup', 'XML markup', 'a comment or declaration in XML', part],
  ['data.xml.rest', 'XML rest', 'bytes behind the end of XML'],
  ['data.protobuf', 'Protobuf', 'payload that is some protobuf message'],
  ['data.protobuf.field', 'Protobuf field', 'a value in a protobuf message without schema', part],
]

export const contentFields: readonly FieldDefinition[] = rows.map(([name, label, description, read]) => ({
  name,
  label,
  type: read === undefined ? 'presence' : 'string',
  description,
  many: read !== whole,
  aliases: [],
  columns: [],
  tree: {
    names: new Set([name]),
    rows: rowSet('PUBLISH') | MALFORMED_ROWS,
    ...(read !== undefined && { read }),
  },
}))
