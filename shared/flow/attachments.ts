/** Files that are kept with the result of a run: what a flow attaches, and what a person gives when asked. */

export interface Attachment {
  /** As it is shown and saved: `photo.jpg`. */
  readonly name: string
  /** Where it is kept, beside the result: another for each, also where names are the same. */
  readonly file: string
  /** Media type, by the ending of the name. */
  readonly type: string
  readonly bytes: number
}

/** Bytes of one, bytes of all of one run, and how many a run may have. */
export const MAX_ATTACHMENT = 8 << 20
export const MAX_ATTACHMENTS_BYTES = 32 << 20
export const MAX_ATTACHMENTS = 100

const MAX_NAME = 80
const types: Readonly<Record<string, string>> = {
  txt: 'text/plain',
  log: 'text/plain',
  csv: 'text/csv',
  yaml: 'text/plain',
  yml: 'text/plain',
  json: 'application/json',
  xml: 'application/xml',
  html: 'text/html',
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  svg: 'image/svg+xml',
  pdf: 'application/pdf',
  zip: 'application/zip',
}

export const endingOf = (name: string): string => /\.([A-Za-z0-9]{1,8})$/.exec(name)?.[1]?.toLowerCase() ?? ''
export const attachmentType = (name: string): string => types[endingOf(name)] ?? 'application/octet-stream'
export const isImage = ({ type }: Pick<Attachment, 'type'>): boolean => type.startsWith('image/')
export const isText = ({ type }: Pick<Attachment, 'type'>): boolean =>
  type.startsWith('text/') || type === 'application/json' || type === 'application/xml'

/** A name that every system takes; the ending stays. */
export function attachmentName(text: string): string {
  const ending = endingOf(text)
  const stem = (ending === '' ? text : text.slice(0, -ending.length - 1))
    .replaceAll(/[^\p{L}\p{N} ._()-]+/gu, '-')
    .replace(/^[. -]+|[. ]+$/g, '')
    .slice(0, MAX_NAME)
  return `${stem === '' ? 'attachment' : stem}${ending === '' ? '' : `.${ending}`}`
}

/** Where reports find them; without it they are named alone. */
export interface AttachmentFiles {
  /** To be shown in the report itself. */
  readonly data?: (runId: string, file: string) => Uint8Array | undefined
  readonly path?: (runId: string, file: string) => string | undefined
}
