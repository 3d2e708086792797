/** A TLS capture of another tool, packed, with its key log: chosen in the dialog, read in the packet list. */
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectTls, createServer } from 'node:tls'
import { gzipSync } from 'node:zlib'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, test } from 'vitest'
import { connack, connect, publish } from '../engine/capture/packets.ts'
import { listen, recordTo } from '../engine/import/record.ts'
import { fileOf } from '../engine/import/talk.ts'
import { benchPage } from '../support/bench-page.ts'
import { describeWith, requireTool } from '../support/tools.ts'

describeWith(['chromium', 'openssl'], 'import in the browser', () => {
  const opened = benchPage()
  let page: Page
  let folder: string

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'oktobench-import-'))
    ;({ page } = opened())
  })
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true })
  })

  /** A real TLS 1.3 connection, recorded between client and server; the client tells its keys. */
  async function recorded(): Promise<{ capture: string; keyLog: string }> {
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
    const words = 'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=bench.lab -days 2'
    const files = ['-keyout', key, '-out', cert]
    execFileSync(requireTool('openssl'), [...words.split(' '), ...files], { stdio: 'ignore' })
    const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (socket) => {
      socket.once('data', () => socket.write(connack()))
    })
    const recording = await recordTo(await listen(server))
    let keys = ''
    const client = connectTls({ port: recording.port, ca: readFileSync(cert), servername: 'bench.lab' })
    client.on('keylog', (line: Buffer) => (keys += line.toString()))
    await once(client, 'secureConnect')
    client.write(connect({ clientId: 'behind-tls' }))
    await once(client, 'data')
    client.end(publish('lab/secret', { payload: 'opened by its keys' }))
    await once(client, 'close')
    const [capture, keyLog] = [join(folder, 'mirror.pcap.gz'), join(folder, 'sslkeys.log')]
    writeFileSync(capture, gzipSync(fileOf(recording.frames({ serverPort: 8883 }))))
    writeFileSync(keyLog, keys)
    await recording.close()
    server.close()
    return { capture, keyLog }
  }

  const choose = async (label: string | RegExp, file: string): Promise<void> => {
    await page.getByRole('group', { name: label }).locator('input[type=file]').setInputFiles(file)
  }
  const row = (text: string) => page.getByRole('grid').first().getByRole('row').filter({ hasText: text })

  test('TLS is opened with the key log, and without it the tab says what is missing', async () => {
    const { capture, keyLog } = await recorded()
    const captures = page.getByRole('navigation').getByRole('button', { name: /^Captures/ })
    await captures.click()
    await page.getByRole('button', { name: 'Import' }).first().click()
    await choose('Capture', capture)
    await page.getByRole('dialog').getByText('mirror.pcap.gz').waitFor()
    await page.getByRole('button', { name: 'Import', exact: true }).click()
    // Called as its file, without what it was packed with.
    await page
      .getByRole('tab', { name: 'mirror' })
      .and(page.getByTitle(/there is no key log/))
      .waitFor()

    await captures.click()
    await page
      .getByRole('button', { name: /^Import/ })
      .first()
      .click()
    await choose('Capture', capture)
    await choose(/key log/, keyLog)
    await page.getByRole('dialog').getByText('sslkeys.log').waitFor()
    await page.getByRole('button', { name: 'Import', exact: true }).click()
    await row('lab/secret').click()
    await page.getByRole('treegrid').getByText('opened by its keys').first().waitFor()
    await page.getByTitle(/decrypted/).waitFor()
  })
})
