/** The TLS lab in a browser: a certificate made there brings a real device in, as the endpoint it was made for. */
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openPage, startBrowser } from '../support/browser.ts'
import { startServe, type ServedBench } from '../support/serve.ts'
import { describeWith, requireTool } from '../support/tools.ts'

const run = promisify(execFile)
const id = 'os::00256D-CERT1'

describeWith(['chromium', 'mosquitto-clients'], 'certificates in a browser', () => {
  let bench: ServedBench
  let browser: Browser
  let page: Page
  let errors: string[]
  let folder: string

  beforeAll(async () => {
    bench = await startServe(['--no-open-bench', '--client-certificates', 'required'])
    browser = await startBrowser()
    ;[page, errors] = await openPage(browser, bench.url)
    folder = await mkdtemp(join(tmpdir(), 'oktobench-device-'))
  })
  afterAll(async () => {
    await browser?.close()
    await bench?.stop()
    if (folder) await rm(folder, { recursive: true, force: true })
  })

  const go = (view: string) =>
    page
      .getByRole('navigation')
      .getByRole('button', { name: new RegExp(`^${view}`) })
      .click()
  /** Reason code of a publish with the files of the device; -1 when it does not even get so far. */
  async function publish(topic: string, files: readonly string[]): Promise<number> {
    const words = `-V 5 -h 127.0.0.1 -p ${bench.tlsPort} -i client-7 -q 1 -m x -d -t`.split(' ')
    const states = ['-D', 'connect', 'user-property', 'usp-endpoint-id', id]
    const { stdout } = await run(requireTool('mosquitto_pub'), [...words, topic, ...states, ...files]).catch(
      (error: { stdout: string }) => error,
    )
    return Number(/PUBACK \(Mid: \d+, RC:(\d+)\)/.exec(stdout)?.[1] ?? -1)
  }

  test('a device comes in with the files that were saved, and is the endpoint they name', async () => {
    await go('Certificates')
    await page.getByLabel('Endpoint ID', { exact: true }).fill(id)
    await page.getByRole('button', { name: 'Make certificate' }).click()
    const saved: Promise<string>[] = []
    page.on('download', (download) => {
      const path = join(folder, download.suggestedFilename())
      saved.push(download.saveAs(path).then(() => path))
    })
    await page.getByRole('button', { name: 'Save files…' }).click()
    await expect.poll(() => saved.length, { timeout: 8000 }).toBe(2)
    const paths = await Promise.all(saved)
    const authority = paths.find((path) => path.endsWith('lab-ca.pem')) ?? expect.fail('no authority')
    const bundle = paths.find((path) => path !== authority) ?? expect.fail('no bundle')

    const topic = `oktopus/usp/v1/controller/${id}`
    expect(await publish(topic, ['--cafile', authority])).toBe(-1)
    expect(await publish(topic, ['--cafile', authority, '--cert', bundle, '--key', bundle])).toBe(0)
    const other = topic.replace('CERT1', 'CERT2')
    expect(await publish(other, ['--cafile', authority, '--cert', bundle, '--key', bundle])).toBe(0x87)
    await go('Devices')
    await page.getByRole('row').filter({ hasText: id }).first().waitFor()
  })

  test('a new authority makes them worthless, after it said so', async () => {
    await go('Certificates')
    await page.getByRole('button', { name: 'Replace…' }).click()
    await page.getByLabel('Certificates that become worthless').getByText(id).waitFor()
    await page.getByRole('button', { name: 'Replace the authority' }).click()
    await page.getByText('The old files are in').waitFor()
    await page.getByRole('button', { name: 'Done' }).click()
    const authority = join(bench.workspace, 'certificates', 'lab-ca.pem')
    const bundle = join(folder, 'os_00256D-CERT1.pem')
    const files = ['--cafile', authority, '--cert', bundle, '--key', bundle]
    expect(await publish(`oktopus/usp/v1/controller/${id}`, files)).toBe(-1)
    await page.getByText('None was made yet').waitFor()
  })

  test('a wrong certificate on purpose is marked wherever one is', async () => {
    await page.getByLabel('Expired').check()
    await go('Packets')
    await page.getByRole('button', { name: 'Wrong certificate' }).click()
    await page.getByRole('button', { name: 'Show the right one' }).click()
    await page.getByRole('button', { name: 'Wrong certificate' }).waitFor({ state: 'hidden' })
    expect(errors).toEqual([])
  })
})
