/** Handing files of the bench to the person in front of it. */
import type { Host } from '../../../shared/contract/host.ts'
import { ok, type Result } from '../../../shared/contract/result.ts'

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

function download(url: string): void {
  const link = document.createElement('a')
  link.href = url
  link.download = ''
  link.click()
}
