/** Dark or light, as chosen or as the system has it; written on the document for the style sheets. */
import { useSyncExternalStore } from 'react'
import { useStore } from 'zustand'
import { useModel } from './model.ts'

const system = () => window.matchMedia('(prefers-color-scheme: dark)')

function onSystemTheme(listener: () => void): () => void {
  const query = system()
  query.addEventListener('change', listener)
  return () => query.removeEventListener('change', listener)
}

export function useTheme(): 'dark' | 'light' {
  const { settings } = useModel()
  const chosen = useStore(settings, (state) => state.theme)
  const systemDark = useSyncExternalStore(onSystemTheme, () => system().matches)
  return chosen === 'system' ? (systemDark ? 'dark' : 'light') : chosen
}
