/** How the payload of a packet is shown, and the choice of another way for its topic. */
import type { PacketDetail } from '../../../shared/contract/model.ts'
import { choiceFor } from '../../../shared/dissect/content/choices.ts'
import { contentViews } from '../../../shared/dissect/content/views.ts'
import { useModel, type Model } from '../../app/model.ts'
import { Icon } from '../../ui/kit.tsx'
import { MenuButton, type MenuItem } from '../../ui/menu.tsx'

export const viewLabel = (id: string): string =>
  contentViews.find((view) => view.id === id)?.label ?? (id === AUTO ? 'Automatic' : id)

/** No content view: a topic for which the best one is chosen although a wider filter says another. */
export const AUTO = 'auto'

/** `undefined` takes back what was chosen for the topic. */
async function choose(model: Model, topic: string, view: string | undefined): Promise<void> {
  const others = model.look.getState().contents.filter(({ filter }) => filter !== topic)
  const wider = choiceFor(others, topic) === undefined ? undefined : AUTO
  const answer = await model.look.setContent(topic, view ?? wider)
  if (!answer.ok) model.notices.getState().fail(answer.error)
}

export function ContentMenu({ packet: { row, content } }: { packet: PacketDetail }) {
  const model = useModel()
  if (!content) return null
  const label = viewLabel(content.view)
  const chosen = content.chosenFor !== undefined
  const unknown = row.topic === '' && 'The topic of this packet is not known.'
  const items: MenuItem[] = [
    {
      title: chosen ? 'Automatic' : `Automatic: ${label}`,
      group: `Payloads of ${row.topic}`,
      checked: !chosen,
      disabled: unknown,
      run: () => void choose(model, row.topic, undefined),
    },
    ...contentViews.map(({ id, label: title }) => ({
      title,
      checked: chosen && id === content.view,
      disabled: unknown,
      run: () => void choose(model, row.topic, id),
    })),
    { title: 'Views of topics…', group: '', run: () => model.show('contents') },
  ]
  return (
    <MenuButton
      className="quiet"
      title={chosen ? `Chosen for ${content.chosenFor}` : 'The view that fits this payload best'}
      label="View of the payload"
      items={() => items}
    >
      Payload: {label}
      {chosen && <Icon name="pin" label="chosen" />} <Icon name="down" />
    </MenuButton>
  )
}
