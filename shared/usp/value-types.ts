/** The types of values that TR-181 has, in the order of the enum `ParamValueType` of USP, whose first is unknown. */
export const VALUE_TYPES = [
  'base64',
  'boolean',
  'dateTime',
  'decimal',
  'hexBinary',
  'int',
  'long',
  'string',
  'unsignedInt',
  'unsignedLong',
] as const
export type ValueType = (typeof VALUE_TYPES)[number]
