/** Handing files and text to the person in front of the bench. */
import type { Host } from '../../shared/contract/host.ts'
import { ok, type Result } from '../../shared/contract/result.ts'
import type { Model } from './model.ts'

/** The desktop has asked where to save it by the time it answers; a browser gets an address to fetch once. */
export async function deliver(
  host: Host,
  files: readonly string[],
  fetchFile: (url: string) => void = download,
): Promise<Result<void>> {
  for (const file of files) {
    // One after the other: each may ask where to.
    const answer = await host.call('host.deliver', { file })
    if (!answer.ok) return answer
    if (answer.value.url !== undefined) fetchFile(answer.value.url)
  }
  return ok(undefined)
}

/** Saves text that was made here as a file. Answers whether it was; an error becomes a notice. */
export async function saveText({ host, live, notices }: Model, name: string, text: string): Promise<boolean> {
  if (live.getState().bench?.host === 'desktop') {
    const answer = await host.call('host.saveText', { name, text })
    if (!answer.ok) notices.getState().fail(answer.error)
    return answer.ok && answer.value.saved
  }
  const url = URL.createObjectURL(new Blob([text]))
  download(url, name)
  // The browser has taken hold of it by the next turn.
  setTimeout(() => URL.revokeObjectURL(url))
  return true
}

function download(url: string, name = ''): void {
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
}
