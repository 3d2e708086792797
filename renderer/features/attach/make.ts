/** Making at the bench what a device logs in with. */
import type { Host } from '../../../shared/contract/host.ts'
import { ok, type Result } from '../../../shared/contract/result.ts'
import type { AttachDraft, Made } from './draft.ts'

/** Of a user that is there already the password is replaced. */
export async function make(host: Host, { way, endpointId }: AttachDraft): Promise<Result<Made>> {
  const username = endpointId.trim()
  switch (way) {
    case 'open':
      return ok({ way })
    case 'password': {
      const answer = await host.call('access.user.generate', { username })
      return answer.ok ? ok({ way, username, password: answer.value.password }) : answer
    }
    case 'certificate': {
      const issued = await host.call('certificates.issue', { endpointId: username })
      if (!issued.ok) return issued
      const files = await host.call('certificates.bundle', issued.value)
      return files.ok ? ok({ way, ...files.value }) : files
    }
  }
}
