/** The syntax of Endpoint IDs (TR-369, section on Endpoint Identifier; R-ARC.3 to R-ARC.6). */

interface Scheme {
  readonly authority: RegExp
  /** After “the authority-id must be”. */
  readonly expected: string
  readonly instance?: RegExp
  readonly instanceExpected?: string
}

const none: Pick<Scheme, 'authority' | 'expected'> = { authority: /^$/, expected: 'empty' }
const short: Pick<Scheme, 'authority' | 'expected'> = {
  authority: /^[A-Za-z0-9._-]{0,6}$/,
  expected: 'empty or 1 to 6 of A–Z a–z 0–9 - . _',
}

const schemes: Readonly<Record<string, Scheme>> = {
  oui: {
    authority: /^([0-9A-Fa-f]{6}|[0-9A-Fa-f]{7}|[0-9A-Fa-f]{9})$/,
    expected: '6, 7 or 9 hexadecimal digits',
  },
  cid: { authority: /^[0-9A-Fa-f]{6}$/, expected: '6 hexadecimal digits' },
  pen: { authority: /^[1-9][0-9]*$/, expected: 'a decimal enterprise number' },
  self: short,
  user: short,
  os: {
    ...none,
    instance: /^[0-9A-Fa-f]{6,9}-.+$/,
    instanceExpected: '<OUI>-<SerialNumber>, with a hyphen behind the OUI',
  },
  ops: {
    ...none,
    instance: /^[0-9A-Fa-f]{6,9}-.+-.+$/,
    instanceExpected: '<OUI>-<ProductClass>-<SerialNumber>',
  },
  uuid: {
    ...none,
    instance: /^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$/,
    instanceExpected: 'a UUID (RFC 4122)',
  },
  imei: { ...none, instance: /^[0-9]{14,16}$/, instanceExpected: 'the digits of an IMEI' },
  proto: { authority: /^[A-Za-z0-9_-]{0,6}$/, expected: 'empty or 1 to 6 of A–Z a–z 0–9 - _' },
  doc: { authority: /^[A-Za-z0-9_-]{0,6}$/, expected: 'empty or 1 to 6 of A–Z a–z 0–9 - _' },
  fqdn: {
    ...none,
    instance: /^([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z0-9-]+$/,
    instanceExpected: 'a domain name without wildcard',
  },
}

const MAX_INSTANCE = 50

export const schemeOf = (id: string): string => id.slice(0, Math.max(0, id.indexOf(':')))

/** What is wrong with an Endpoint ID, as a phrase; `undefined` when nothing is. */
export function endpointIdFault(id: string): string | undefined {
  if (id === '') return 'is empty'
  const [scheme = '', authority, ...rest] = id.split(':')
  if (authority === undefined || rest.length === 0) return 'has not two colons before its instance-id'
  if (rest.length > 1) return 'has a third colon: within the instance-id it is written %3A'
  const rules = Object.hasOwn(schemes, scheme) ? schemes[scheme] : undefined
  if (rules === undefined)
    return `has the scheme “${scheme}”, which is none of ${Object.keys(schemes).join(', ')}`
  if (!rules.authority.test(authority))
    return `has the authority-id “${authority}”, which must be ${rules.expected} for ${scheme}`
  const [instance = ''] = rest
  if (instance === '') return 'has no instance-id'
  if (instance.length > MAX_INSTANCE)
    return `has an instance-id of ${instance.length} characters, at most 50 are allowed`
  const wrong = /[^A-Za-z0-9._%-]|%(?![0-9A-Fa-f]{2})/.exec(instance)
  if (wrong !== null)
    return `has “${wrong[0]}” in its instance-id: only A–Z a–z 0–9 - . _ and %HH are allowed`
  if (rules.instance !== undefined && !rules.instance.test(instance))
    return `has an instance-id that is not ${rules.instanceExpected}`
  return undefined
}

/** OUI and PEN that belong to the Broadband Forum (R-ARC.3). */
export const usesForumNumber = (id: string): boolean =>
  /^(oui:00256D:|pen:3561:|os::00256D-|ops::00256D-)/i.test(id)
