import { fail } from '../../shared/contract/result.ts'
import type { Upload } from '../../renderer/host/upload.ts'

/** For tests that upload nothing. */
export const noUpload: Upload = async () => fail('unavailable', 'This test uploads nothing.')
