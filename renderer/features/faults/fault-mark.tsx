/** In sight as long as a fault is on, wherever one is. */
import { useStore } from 'zustand'
import { useModel } from '../../app/model.ts'
import { plural } from '../../ui/format.ts'

export function FaultMark() {
  const model = useModel()
  const names = useStore(model.live, (state) =>
    state.faults
      .filter(({ on }) => on)
      .map(({ fault }) => fault.name)
      .join('\n'),
  )
  if (names === '') return null
  return (
    <button
      type="button"
      className="open-mark"
      title={`On purpose, packets do not go as they should:\n${names}`}
      onClick={() => model.goTo('faults')}
    >
      {plural(names.split('\n').length, 'fault')} on
    </button>
  )
}
