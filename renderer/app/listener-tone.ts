/** How a listener's state looks and is called, wherever it is shown. */
import type { ListenerState } from '../../shared/contract/model.ts'
import type { Tone } from '../ui/kit.tsx'

export const listenerTone: Readonly<Record<ListenerState['state'], Tone>> = {
  listening: 'ok',
  off: 'off',
  failed: 'bad',
}
