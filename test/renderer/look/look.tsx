/**
 * The renderer on a fake host, to look at: `npx vite build -c test/renderer/look/vite.config.ts`, then
 * `npx vite preview -c test/renderer/look/vite.config.ts`. What is shown is said in the address:
 * `?place=packets&theme=light&packets=2000000&rate=20000&devices=40&link=lost`.
 */
import '@fontsource-variable/inter'
import '@fontsource-variable/jetbrains-mono'
import '../../../renderer/ui/theme.css'
import '../../../renderer/ui/kit.css'
import '../../../renderer/ui/fields.css'
import { createRoot } from 'react-dom/client'
import { App } from '../../../renderer/app/app.tsx'
import { createModel, type Model } from '../../../renderer/app/model.ts'
import { ok } from '../../../shared/contract/result.ts'
import { FakeHost, fakeSample } from '../fake-host.ts'

declare global {
  interface Window {
    look: { host: FakeHost; model: Model }
  }
}

const wish = new URLSearchParams(location.search)
const number = (name: string, otherwise: number) => Number(wish.get(name) ?? otherwise)
const rate = number('rate', 0)
const devices = number('devices', 4)
const host = new FakeHost({ packets: number('packets', 12_481), devices, perSecond: Math.max(rate, 40) })
const model = createModel(host, window.localStorage, async (file, progress) => {
  progress(1)
  return ok(`/uploads/${file.name}`)
})
window.look = { host, model }

const theme = wish.get('theme')
if (theme === 'dark' || theme === 'light') model.settings.getState().set({ theme })
const place = wish.get('place')
const places = ['bench', 'devices', 'packets', 'ladder', 'captures'] as const
const known = places.find((candidate) => candidate === place)
if (known) model.goTo(known)

createRoot(document.getElementById('root') as HTMLElement).render(<App model={model} />)
setInterval(() => host.setStats(fakeSample(Date.now(), Math.min(3, devices))), 1000)
if (rate > 0) setInterval(() => host.grow(rate / 20), 50)
if (wish.get('link') === 'lost') setTimeout(() => host.setLink('lost'), 100)
