/** The window: how it is made, and where it was last time. */
import { readFile } from 'node:fs/promises'
import {
  BrowserWindow,
  nativeTheme,
  screen,
  type BrowserWindowConstructorOptions,
  type Rectangle,
} from 'electron'
import * as v from 'valibot'
import { writeWhole } from '../engine/workspace/files.ts'

const SIZE = { width: 1280, height: 800, minWidth: 960, minHeight: 600 } as const
/** The renderer's own backgrounds, so that nothing flashes while it loads. */
const BACKGROUND = { dark: '#0e1116', light: '#f6f7f9' } as const
/** Pixels of the title bar that must be on a screen for a person to get hold of it. */
const REACHABLE = 80

const placeSchema = v.object({
  x: v.pipe(v.number(), v.integer()),
  y: v.pipe(v.number(), v.integer()),
  width: v.pipe(v.number(), v.integer(), v.minValue(SIZE.minWidth)),
  height: v.pipe(v.number(), v.integer(), v.minValue(SIZE.minHeight)),
  maximized: v.boolean(),
})
export type WindowPlace = v.InferOutput<typeof placeSchema>

export function windowOptions(
  preload: string,
  place: WindowPlace | undefined,
  dark: boolean,
  devTools: boolean,
): BrowserWindowConstructorOptions {
  const { width, height, minWidth, minHeight } = SIZE
  return {
    title: 'Oktobench',
    minWidth,
    minHeight,
    ...(place === undefined
      ? { width, height }
      : { x: place.x, y: place.y, width: place.width, height: place.height }),
    show: false,
    backgroundColor: dark ? BACKGROUND.dark : BACKGROUND.light,
    webPreferences: {
      preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      spellcheck: false,
      devTools,
    },
  }
}

/** Where the window was, unless the file is broken or the screen it was on is gone. */
export async function readPlace(
  file: string,
  screens: readonly Rectangle[],
): Promise<WindowPlace | undefined> {
  let content: unknown
  try {
    content = JSON.parse(await readFile(file, 'utf8'))
  } catch {
    return undefined
  }
  const place = v.safeParse(placeSchema, content)
  return place.success && screens.some((area) => reaches(place.output, area)) ? place.output : undefined
}

function reaches({ x, y, width }: WindowPlace, area: Rectangle): boolean {
  const visible = Math.min(x + width, area.x + area.width) - Math.max(x, area.x)
  return visible >= REACHABLE && y >= area.y && y <= area.y + area.height - REACHABLE
}

export interface BenchWindow {
  readonly window: BrowserWindow
  /** Waits until the last place is written. */
  placeSaved(): Promise<void>
}

/** Makes the window, hidden until its first picture is there. `file` keeps its place between starts. */
export async function openWindow(preload: string, file: string, devTools: boolean): Promise<BenchWindow> {
  const screens = screen.getAllDisplays().map((display) => display.workArea)
  const place = await readPlace(file, screens)
  const window = new BrowserWindow(windowOptions(preload, place, nativeTheme.shouldUseDarkColors, devTools))
  if (place?.maximized === true) window.maximize()
  window.once('ready-to-show', () => window.show())
  let saved = Promise.resolve()
  window.on('close', () => {
    const last: WindowPlace = { ...window.getNormalBounds(), maximized: window.isMaximized() }
    // A place that cannot be kept is not worth a word: the window opens in the middle next time.
    saved = writeWhole(file, `${JSON.stringify(last)}\n`).catch(() => undefined)
  })
  return { window, placeSaved: () => saved }
}
