/** Who was refused at the door, on the view one looks at while a device is being attached. */
import { useModel } from '../../app/model.ts'
import { count } from '../../ui/format.ts'
import { Card } from '../../ui/kit.tsx'
import { Knocks } from '../access/knocks.tsx'
import { useKnocks } from '../access/use-access.ts'

/** Knocks shown here; the rest stands under Access. */
const SHOWN = 5

export function Knocking() {
  const model = useModel()
  const knocks = useKnocks()
  if (knocks.length === 0) return null
  const more = knocks.length - SHOWN
  const goToAll = () => {
    model.access.open('denials')
    model.goTo('access')
  }
  return (
    <Card title="Knocking" aside="refused at the door">
      <Knocks knocks={knocks.slice(0, SHOWN)} />
      <p className="knocking-more">
        <button type="button" className="link" onClick={goToAll}>
          {more > 0 ? `${count(more)} more, and every denial` : 'Every denial'}
        </button>
      </p>
    </Card>
  )
}
