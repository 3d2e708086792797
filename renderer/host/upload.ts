/** Bringing a file to the bench that serves this page: `POST /upload`, answered with its path over there. */
import * as v from 'valibot'
import { fail, ok, type Result } from '../../shared/contract/result.ts'
import { takeToken } from './websocket.ts'

/** Puts a file on the bench's machine; answers its path. `progress` is told 0 … 1. */
export type Upload = (file: File, progress: (part: number) => void) => Promise<Result<string>>

const UPLOAD_PATH = '/upload'
const TOKEN_HEADER = 'x-oktobench-token'
const answerSchema = v.object({ path: v.string() })
/** Longer texts are not meant for a person. */
const MAX_REASON = 500

/** Never rejects. The older request type is used because only it tells how far an upload is. */
export const upload: Upload = (file, progress) =>
  new Promise((resolve) => {
    const request = new XMLHttpRequest()
    const url = new URL(UPLOAD_PATH, location.href)
    url.searchParams.set('name', file.name)
    request.open('POST', url)
    request.setRequestHeader(TOKEN_HEADER, takeToken() ?? '')
    request.setRequestHeader('content-type', 'application/octet-stream')
    request.upload.addEventListener('progress', ({ loaded, total }) =>
      progress(total > 0 ? loaded / total : 0),
    )
    request.addEventListener('load', () =>
      resolve(readAnswer(request.status, request.responseText, file.name)),
    )
    request.addEventListener('error', () =>
      resolve(
        fail(
          'disconnected',
          `${file.name} could not be sent: the bench cannot be reached, or refuses so large a file.`,
        ),
      ),
    )
    request.send(file)
  })

/** What the bench said of an upload. */
export function readAnswer(status: number, text: string, name: string): Result<string> {
  if (status >= 200 && status < 300) {
    try {
      return ok(v.parse(answerSchema, JSON.parse(text)).path)
    } catch {
      return fail(
        'failed',
        `${name} was sent, but the answer of the bench cannot be read.`,
        text.slice(0, MAX_REASON),
      )
    }
  }
  const reason = text.trim().slice(0, MAX_REASON) || `The bench answered with status ${status}.`
  return fail(
    status === 401 || status === 403 ? 'unavailable' : 'failed',
    `${name} could not be sent. ${reason}`,
  )
}
