/** Headless Chromium for page tests; it talks to this machine only. */
import { chromium, type Browser, type Page } from 'playwright-core'
import { requireTool } from './tools.ts'

const quiet = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-sync',
]

export async function startBrowser(): Promise<Browser> {
  const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  return chromium.launch({ executablePath: requireTool('chromium'), args: [...quiet, ...asRoot] })
}

/** A fresh page that collects what went wrong in it. */
export async function openPage(
  browser: Browser,
  url: string,
  width = 1280,
  height = 800,
): Promise<[Page, string[]]> {
  const page = await browser.newPage({ viewport: { width, height } })
  page.setDefaultTimeout(8000)
  const errors: string[] = []
  page.on('pageerror', (error) => errors.push(error.message))
  page.on('console', (message) => void (message.type() === 'error' && errors.push(message.text())))
  await page.goto(url)
  return [page, errors]
}
