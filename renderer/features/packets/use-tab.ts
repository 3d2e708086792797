import { useStore } from 'zustand'
import { useModel } from '../../app/model.ts'
import type { PacketsTab } from './tab.ts'

/** The tab in front. */
export function useTab(): PacketsTab {
  const { packets } = useModel()
  return useStore(packets, (state) => state.current)
}
