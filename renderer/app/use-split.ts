import { useStore } from 'zustand'
import { useModel } from './model.ts'

/** The remembered share of a split's first pane, and how to change it. */
export function useSplit(name: string, initial: number): [number, (ratio: number) => void] {
  const { settings } = useModel()
  const ratio = useStore(settings, (state) => state.splits[name] ?? initial)
  return [ratio, (to) => settings.getState().set({ splits: { ...settings.getState().splits, [name]: to } })]
}
