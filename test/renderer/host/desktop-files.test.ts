// @vitest-environment happy-dom
import { afterEach, expect, it } from 'vitest'
import { locateFile } from '../../../renderer/host/desktop-files.ts'
import { DESKTOP_FILES } from '../../../shared/contract/handshake.ts'

afterEach(() => delete window[DESKTOP_FILES])

it('asks the shell where a file lies, and says what to do with one that lies nowhere', async () => {
  const file = new File(['x'], 'boot.pcapng')
  window[DESKTOP_FILES] = { pathOf: () => '/lab/boot.pcapng' }
  expect(await locateFile(file, () => undefined)).toEqual({ ok: true, value: '/lab/boot.pcapng' })
  window[DESKTOP_FILES] = { pathOf: () => '' }
  const none = await locateFile(file, () => undefined)
  expect(none).toMatchObject({ ok: false, error: { message: expect.stringContaining('choose Import…') } })
})
