/** Names of files that people keep things in: they stay inside their folder, and every system takes them. */
import { MAX_SAVED_PATH } from '../../../shared/contract/saved-messages.ts'
import { BenchFailure } from '../../../shared/contract/result.ts'

const MAX_DEPTH = 8
const MAX_NAME = 120
const SUFFIX = '.json'
const forbidden = /[\\/:*?"<>|\p{Cc}]/u
/** Devices of Windows, with any suffix. */
const reserved = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i

const refuse = (text: string): never => {
  throw new BenchFailure('invalid-request', text)
}

/** Checks a folder or file below the folder of a kind; answers its parts, none for the folder itself. */
export function folderParts(path: string): readonly string[] {
  if (path === '') return []
  const parts = path.split('/')
  if (parts.length > MAX_DEPTH) refuse(`Folders go no deeper than ${MAX_DEPTH} levels.`)
  for (const part of parts) {
    if (part === '' || part === '.' || part === '..') refuse(`“${path}” does not stay in its folder.`)
    if (forbidden.test(part)) refuse(`“${part}” cannot be a name: leave out \\ : * ? " < > |.`)
    if (part.startsWith('.')) refuse(`“${part}” cannot be a name: names begin with no dot.`)
    if (/[. ]$/.test(part)) refuse(`“${part}” cannot be a name: names end with neither a dot nor a blank.`)
    if (reserved.test(part)) refuse(`“${part}” cannot be a name: Windows keeps it for itself.`)
    if (part.length > MAX_NAME) refuse(`A name has at most ${MAX_NAME} characters.`)
  }
  return parts
}

/** Checks the path of a file; answers its parts. Throws a BenchFailure that says what is wrong. */
export function fileParts(path: string): readonly string[] {
  if (!path.endsWith(SUFFIX) || path.length > MAX_SAVED_PATH) refuse(`“${path}” must end with ${SUFFIX}.`)
  const parts = folderParts(path)
  if (parts.at(-1) === SUFFIX) refuse('It needs a name.')
  return parts
}

/** Any text as a name that `fileParts` takes, without suffix; `noun` where nothing is left of it. */
export function plainName(text: string, noun = 'message'): string {
  const name = text
    .replace(new RegExp(forbidden, 'gu'), ' ')
    .replace(/\.json$/i, '')
    .replace(/\s+/g, ' ')
    .replace(/^[. ]+|[. ]+$/g, '')
    .slice(0, MAX_NAME - 20)
    .trim()
  return name === '' || reserved.test(name) ? `${noun} ${name}`.trim() : name
}
