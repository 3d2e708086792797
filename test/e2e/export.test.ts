/** What an engineer filters on the screen is what Wireshark finds in the file that was saved. */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ServedBench } from '../support/serve.ts'
import { benchPage } from '../support/bench-page.ts'
import { describeWith, requireTool } from '../support/tools.ts'
import { complaints, tsharkFields } from '../support/tshark.ts'

const run = promisify(execFile)
const words = (text: string): string[] => text.split(/\s+/)
const filter = 'mqtt.topic == "lab/kept" and mqtt.msgtype == PUBLISH'

describeWith(['chromium', 'mosquitto-clients', 'tshark'], 'export from the browser', () => {
  const opened = benchPage()
  let bench: ServedBench
  let page: Page
  let folder: string

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'oktobench-export-'))
    ;({ bench, page } = opened())
  })
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true })
  })

  const row = (text: string) => page.getByRole('grid').first().getByRole('row').filter({ hasText: text })

  /** Messages from mosquitto_pub to mosquitto_sub, through the bench. */
  async function exchange(): Promise<void> {
    const at = `-V 5 -h 127.0.0.1 -p ${bench.mqttPort} -q 1`
    const subscriber = spawn(requireTool('mosquitto_sub'), words(`${at} -i reader -t lab/# -C 4`))
    const ended = once(subscriber, 'exit')
    await page
      .getByRole('navigation')
      .getByRole('button', { name: /^Packets/ })
      .click()
    // The bench's own controller subscribes too.
    await row('SUBACK').filter({ hasText: 'reader' }).waitFor()
    for (const [topic, text] of [
      ['lab/kept', 'one'],
      ['lab/other', 'two'],
      ['lab/kept', 'three'],
      ['lab/other', 'four'],
    ] as const) {
      await run(requireTool('mosquitto_pub'), words(`${at} -i writer -t ${topic} -m ${text}`))
    }
    await ended
  }

  test('the file holds the filtered packets and no others', async () => {
    await exchange()
    await page.getByPlaceholder(/^Filter/).fill(filter)
    // Two messages, each on its way in and on its way out.
    await expect.poll(() => row('PUBLISH').count()).toBe(4)
    await expect.poll(() => row('lab/other').count()).toBe(0)
    const shown = await row('PUBLISH').allInnerTexts()
    const numbers = shown.map((text) => /\d+/.exec(text)?.[0])

    await row('PUBLISH').first().click()
    await page.keyboard.press('Control+e')
    const dialog = page.getByRole('dialog')
    await dialog.getByText('Packets that match:', { exact: false }).click()
    await dialog.getByRole('button', { name: 'Export', exact: true }).click()
    const tray = page.locator('.jobs-list')
    const saving = page.waitForEvent('download')
    await tray.getByRole('button', { name: 'Save…' }).click()
    const file = join(folder, 'filtered.pcapng')
    await (await saving).saveAs(file)

    const seen = tsharkFields(file, 'mqtt and frame.packet_id', 'frame.packet_id', 'mqtt.topic', 'mqtt.msg')
    expect(seen.map(([number]) => number)).toEqual(numbers)
    expect(seen.map(([, topic]) => topic)).toEqual(Array.from({ length: 4 }, () => 'lab/kept'))
    const texts = seen.map(([, , hex = '']) => Buffer.from(hex.replaceAll(':', ''), 'hex').toString())
    expect(texts.toSorted()).toEqual(['one', 'one', 'three', 'three'])
    // Beside the rows only the CONNECT that says who speaks.
    const others = tsharkFields(file, 'mqtt and not frame.packet_id', 'mqtt.msgtype')
    expect(new Set(others.flat())).toEqual(new Set(['1']))
    expect(complaints(file)).toEqual([])
  })
})
