/** Whether a text is a value of a parameter's type (R-ENC.6: TR-106 and XML Schema forms). */
import type { ParameterType } from '../../contract/data-model.ts'

interface Rule {
  readonly fits: (value: string) => boolean
  /** What it should be, after "must be". */
  readonly form: string
}

const whole = (least: bigint, most: bigint) => (value: string) =>
  /^[+-]?\d{1,20}$/.test(value) && BigInt(value) >= least && BigInt(value) <= most

const date = /^-?\d{4,}-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?$/

function isDate(value: string): boolean {
  const [month, day, hour, minute, second] = (date.exec(value) ?? []).slice(1).map(Number)
  return (
    month !== undefined &&
    month >= 1 &&
    month <= 12 &&
    day !== undefined &&
    day >= 1 &&
    day <= 31 &&
    (hour ?? 99) <= 24 &&
    (minute ?? 99) <= 59 &&
    (second ?? 99) <= 59
  )
}

const rules: Readonly<Partial<Record<ParameterType, Rule>>> = {
  boolean: { fits: (value) => /^(?:true|false|1|0)$/.test(value), form: 'true or false' },
  int: { fits: whole(-(2n ** 31n), 2n ** 31n - 1n), form: 'a whole number from -2147483648 to 2147483647' },
  long: { fits: whole(-(2n ** 63n), 2n ** 63n - 1n), form: 'a whole number of 64 bits' },
  unsignedInt: { fits: whole(0n, 2n ** 32n - 1n), form: 'a whole number from 0 to 4294967295' },
  unsignedLong: { fits: whole(0n, 2n ** 64n - 1n), form: 'a whole number from 0 on, of 64 bits' },
  decimal: { fits: (value) => /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)$/.test(value), form: 'a decimal number' },
  dateTime: { fits: isDate, form: 'a time such as 2026-05-01T12:00:00Z' },
  hexBinary: { fits: (value) => /^(?:[\da-f]{2})*$/i.test(value), form: 'pairs of hexadecimal digits' },
  base64: {
    fits: (value) => /^(?:[\w+/]{4})*(?:[\w+/]{2}==|[\w+/]{3}=)?$/.test(value) && !value.includes('_'),
    form: 'base64',
  },
}

/** What is wrong with a value of this type, or undefined. */
export function valueFault(type: ParameterType, value: string): string | undefined {
  const rule = rules[type]
  if (!rule || rule.fits(value)) return undefined
  return `must be ${rule.form}, as its type is ${type}`
}
