/** Findings as an engineer meets them: a device that does it wrong, and the view that says so. */
import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Page } from 'playwright-core'
import { beforeAll, expect, test } from 'vitest'
import { encodeRecord, makeRecord } from '../../shared/usp/codec.ts'
import type { ServedBench } from '../support/serve.ts'
import { testFolder } from '../support/captures.ts'
import { benchPage } from '../support/bench-page.ts'
import { describeWith, requireTool } from '../support/tools.ts'

const run = promisify(execFile)
const endpoint = 'os::012345-LINT'
const tour = fileURLToPath(new URL('../fixtures/captures/obuspa-tour.pcapng', import.meta.url))

describeWith(['chromium', 'mosquitto-clients'], 'findings in a browser', () => {
  const opened = benchPage()
  let bench: ServedBench
  let page: Page

  beforeAll(() => ({ bench, page } = opened()))

  const go = (name: string) =>
    page
      .getByRole('navigation')
      .getByRole('button', { name: new RegExp(`^${name}`) })
      .click()
  const list = () => page.getByRole('grid', { name: 'Findings' })

  test('before there is one, the view says what it does', async () => {
    await go('Findings')
    await page.getByText(/Nothing was found.*checked against \d+ rules/).waitFor()
  })

  test('a Record without Response Topic is told, with requirement and remedy, and leads to its packet', async () => {
    const file = join(testFolder(), 'record')
    const record = makeRecord({
      version: '1.4',
      fromId: endpoint,
      toId: 'self::ctl',
      recordType: { case: 'mqttConnect', value: { version: 1, subscribedTopic: 'a' } },
    })
    writeFileSync(file, encodeRecord(record))
    const options = `-V 5 -h 127.0.0.1 -p ${bench.mqttPort} -i lint -t oktopus/usp/v1/controller/${endpoint} -f ${file}`
    await run(requireTool('mosquitto_pub'), [
      ...options.split(' '),
      ...`-D connect user-property usp-endpoint-id ${endpoint} -D publish content-type usp.msg`.split(' '),
    ])
    const line = list().getByRole('row').filter({ hasText: 'PUBLISH without Response Topic' })
    await line.waitFor()
    await line.click()
    await page.getByText('R-MQTT.22, R-MQTT.23 · must · endpoint').waitFor()
    await page.getByText(/ResponseTopicConfigured/).waitFor()
    await page.getByRole('list', { name: 'Packets' }).getByRole('button').first().click()
    await page.getByText('there is no Response Topic').first().waitFor()
  })

  test('the device has its count, its worst finding with the remedy, and the way to all of them', async () => {
    await go('Devices')
    const row = page.getByRole('grid', { name: 'Devices' }).getByRole('row').filter({ hasText: endpoint })
    await row.getByRole('img', { name: 'error' }).waitFor()
    await row.click()
    const section = page.getByRole('region', { name: 'Findings in the live capture' })
    await section.getByText('PUBLISH without Response Topic').waitFor()
    await section.getByText(/ResponseTopicConfigured/).waitFor()
    await section.getByRole('button', { name: 'in Findings' }).click()
    await list().getByRole('row').filter({ hasText: 'PUBLISH without Response Topic' }).waitFor()
    await page.getByRole('button', { name: endpoint }).click()
    await expect.poll(() => page.getByRole('button', { name: endpoint }).count()).toBe(0)
    await go('Packets')
  })

  test('lint.rule and lint.severity filter packets', async () => {
    await page.getByPlaceholder(/^Filter/).fill('lint.rule == "R-MQTT.23" and lint.severity == error')
    await expect
      .poll(() => page.getByRole('grid').first().getByRole('row').filter({ hasText: 'PUBLISH' }).count())
      .toBe(1)
  })

  test('a suppressed rule goes, and can be shown again', async () => {
    await go('Findings')
    await list().getByRole('row').filter({ hasText: 'PUBLISH without Response Topic' }).click()
    await page.getByRole('button', { name: 'Suppress this rule' }).click()
    await expect.poll(() => list().getByRole('row').filter({ hasText: 'Response Topic' }).count()).toBe(0)
    await page.getByLabel('Show 1 suppressed rule').check()
    await list().getByRole('row').filter({ hasText: '(suppressed)' }).click()
    await page.getByRole('button', { name: 'Show this rule again' }).click()
    await expect.poll(() => list().getByText('(suppressed)').count()).toBe(0)
    await list().getByRole('row').filter({ hasText: 'PUBLISH without Response Topic' }).waitFor()
  })

  test('the findings are exported as a page', async () => {
    const download = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Export' }).click()
    await page.getByRole('menuitem', { name: 'Report as HTML' }).first().click()
    await page.getByRole('list', { name: 'Jobs' }).getByRole('button', { name: 'Save…' }).click()
    const path = await (await download).path()
    expect(readFileSync(path, 'utf8')).toContain('PUBLISH without Response Topic')
  })

  test('an imported capture has its own findings', async () => {
    await go('Captures')
    await page.getByRole('button', { name: 'Import…' }).first().click()
    await page.locator('input[type=file]').first().setInputFiles(tour)
    await page.getByRole('dialog').getByRole('button', { name: 'Import' }).click()
    await page.getByRole('tab', { name: /obuspa-tour/ }).waitFor()
    await go('Findings')
    await list().getByText('os::00256D-TOUR5').waitFor()
  })
})
