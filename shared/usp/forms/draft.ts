/**
 * A request that is being written: the JSON text as it was typed, and what it says. Form and text are two looks at
 * it: a change in the form changes that one place of the text's value and leaves the rest (a header, an unknown
 * member, the order) as it is.
 */
import { checkJson, isObject, JsonFault, parseJson } from '../json-check.ts'
import { requestFields, type RequestKind } from '../kinds.ts'
import { locateRequest, requestSchema } from '../request-json.ts'
import { formOf, startOf, type FormField } from './describe.ts'
import { valueAt, withValue, type JsonPath } from './json-value.ts'
import { camelName, ENDPOINT_VARIABLE, fillContent, UnknownVariable, type Variables } from './variables.ts'

export interface Draft {
  readonly text: string
  /** The newest value that the text had while it could be read. */
  readonly value: unknown
  readonly kind: RequestKind
  /** Where the content of the request stands in the value. */
  readonly at: JsonPath
  /** Why the text cannot be read now: a form then shows what it said before. */
  readonly fault?: JsonFault
}

export const formatJson = (value: unknown): string => JSON.stringify(value, null, 2)

export function newDraft(kind: RequestKind): Draft {
  const value = { [requestFields[kind]]: startOf(kind) }
  return { text: formatJson(value), value, kind, at: [requestFields[kind]] }
}

/** The draft after the text was changed. */
export function withText(draft: Draft, text: string): Draft {
  const { fault: _fault, ...before } = draft
  try {
    const value = parseJson(text)
    const { kind, at } = locateRequest(value)
    return { text, value, kind, at }
  } catch (error) {
    if (!(error instanceof JsonFault)) throw error
    return { ...before, text, fault: error }
  }
}

/** A text as a draft; one that cannot be read begins as an empty request. */
export const draftOf = (text: string, kind: RequestKind = 'Get'): Draft => withText(newDraft(kind), text)

/** What the request holds. */
export const contentOf = ({ value, at }: Draft): unknown => valueAt(value, at)

/** The draft after a change of its content as a whole. */
export function withContent(draft: Draft, change: (content: unknown) => unknown): Draft {
  const value = withValue(draft.value, draft.at, change(contentOf(draft)))
  return { text: formatJson(value), value, kind: draft.kind, at: draft.at }
}

/**
 * The name by which the text has a field of the schema: as in the .proto, or in lowerCamelCase where it stands so
 * already.
 */
export function nameIn(content: unknown, field: FormField): string {
  const camel = camelName(field.name)
  return isObject(content) && !Object.hasOwn(content, field.name) && Object.hasOwn(content, camel)
    ? camel
    : field.name
}

export interface Ready {
  readonly kind: RequestKind
  /** With `{"get": …}` around it, as `usp.request` takes it, and the msg_id if one was written. */
  readonly message: Readonly<Record<string, unknown>>
}

/**
 * What would be sent to a device. Throws a JsonFault for a text that is no request, and for a variable without a
 * value.
 */
export function fill(draft: Draft, variables: Variables, endpointId: string): Ready {
  if (draft.fault) throw draft.fault
  const { kind, msgId } = locateRequest(draft.value)
  try {
    const values = { ...variables, [ENDPOINT_VARIABLE]: endpointId }
    const content = fillContent(contentOf(draft), formOf(kind), values)
    checkJson(requestSchema(kind), content, '')
    const request = { [requestFields[kind]]: content }
    if (msgId === undefined) return { kind, message: request }
    return { kind, message: { header: { msg_id: msgId }, body: { request } } }
  } catch (error) {
    if (error instanceof UnknownVariable) throw new JsonFault('', error.message)
    throw error
  }
}
