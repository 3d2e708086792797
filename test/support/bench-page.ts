/** A served bench with a page of it, for the tests of one file. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect } from 'vitest'
import { openPage, startBrowser } from './browser.ts'
import { startServe, type ServedBench } from './serve.ts'

export interface BenchPage {
  readonly bench: ServedBench
  readonly page: Page
}

/**
 * Starts them before the tests of the `describe` that it is called in, and ends them after these; no error may have
 * stood in the page. `options` are those of `oktobench serve`. What it answers gives them, from `beforeAll` on.
 */
export function benchPage(options: readonly string[] = []): () => BenchPage {
  let bench: ServedBench
  let browser: Browser
  let page: Page
  let errors: string[] = []
  beforeAll(async () => {
    bench = await startServe(options)
    browser = await startBrowser()
    ;[page, errors] = await openPage(browser, bench.url)
    await page.getByText('Attach a device').waitFor()
  })
  afterAll(async () => {
    await browser?.close()
    await bench?.stop()
    expect(errors).toEqual([])
  })
  return () => ({ bench, page })
}
