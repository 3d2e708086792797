/** The time of the first packet held, for times since the first; asked for only while they are shown. */
import { useEffect, useState } from 'react'
import type { CaptureId } from '../../../shared/contract/model.ts'
import { useModel } from '../../app/model.ts'
import type { Moment } from '../../ui/format.ts'

export function useFirstMoment(capture: CaptureId, wanted: boolean): Moment | undefined {
  const { host } = useModel()
  const [first, setFirst] = useState<Moment>()
  useEffect(() => {
    if (!wanted) return
    const view = host.open(
      'packets',
      { capture, filter: '' },
      { from: 0, count: 1, tail: false },
      (update) => {
        const row = update.ok ? update.value.rows[0] : undefined
        // The same packet again is the same moment: no rows need to be drawn anew for it.
        setFirst((old) => (old && old.sec === row?.sec && old.nsec === row.nsec ? old : row))
      },
    )
    return () => view.close()
  }, [host, capture, wanted])
  return first
}
