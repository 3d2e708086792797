/** USP error codes of Msgs (7000 …) and Records (7100 …), TR-369 Amendment 5. */

const names: Readonly<Record<number, string>> = {
  7000: 'Message failed',
  7001: 'Message not supported',
  7002: 'Request denied',
  7003: 'Internal error',
  7004: 'Invalid arguments',
  7005: 'Resources exceeded',
  7006: 'Permission denied',
  7007: 'Invalid configuration',
  7008: 'Invalid path syntax',
  7009: 'Parameter action failed',
  7010: 'Unsupported parameter',
  7011: 'Invalid type',
  7012: 'Invalid value',
  7013: 'Attempt to update non-writeable parameter',
  7014: 'Value conflict',
  7015: 'Operation error',
  7016: 'Object does not exist',
  7017: 'Object could not be created',
  7018: 'Object is not a table',
  7019: 'Attempt to create non-creatable object',
  7020: 'Object could not be updated',
  7021: 'Required parameter failed',
  7022: 'Command failure',
  7023: 'Command canceled',
  7024: 'Delete failure',
  7025: 'Object exists with duplicate key',
  7026: 'Invalid path',
  7027: 'Invalid command arguments',
  7028: 'Register failure',
  7029: 'Already in use',
  7030: 'Deregister failure',
  7031: 'Path already registered',
  7100: 'Record could not be parsed',
  7101: 'Secure session required',
  7102: 'Secure session not supported',
  7103: 'Segmentation not supported',
  7104: 'Invalid Record value',
  7105: 'Session context terminated',
  7106: 'Session context not allowed or not supported',
}

/** Codes that the standard leaves to others; `to` inclusive. */
const ranges = [
  { from: 7200, to: 7299, name: 'Defined by the data model' },
  { from: 7800, to: 7999, name: 'Vendor specific' },
]

/** All codes with a name of their own, in rising order. */
export const errorCodes: readonly (readonly [code: number, name: string])[] = Object.entries(names).map(
  ([code, name]) => [Number(code), name],
)

/** `undefined` for a code the standard does not define. */
export function errorCodeName(code: number): string | undefined {
  return names[code] ?? ranges.find(({ from, to }) => code >= from && code <= to)?.name
}

/** `7026 Invalid path`; the bare number for a code without a name. */
export function describeErrorCode(code: number): string {
  const name = errorCodeName(code)
  return name === undefined ? String(code) : `${code} ${name}`
}
