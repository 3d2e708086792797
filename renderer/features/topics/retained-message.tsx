/** What the broker keeps of a topic, whole: it may be another message than the last one that passed. */
import { useEffect, useMemo, useState } from 'react'
import type { BenchError } from '../../../shared/contract/result.ts'
import type { RetainedMessage } from '../../../shared/contract/sessions.ts'
import type { TopicRow } from '../../../shared/contract/topics.ts'
import { chooseView } from '../../../shared/dissect/content/views.ts'
import { choiceFor } from '../../../shared/dissect/content/choices.ts'
import { getProperty } from '../../../shared/mqtt/properties.ts'
import { useStore } from 'zustand'
import { useModel } from '../../app/model.ts'
import { dateTime, plural } from '../../ui/format.ts'
import { CopyButton, Empty } from '../../ui/kit.tsx'
import { payloadText } from '../packets/payload-text.ts'
import { ContentViewChoice, PayloadText } from '../packets/payload-view.tsx'
import { PropertyList } from '../packets/property-list.tsx'

type Answer = { readonly message: RetainedMessage } | { readonly error: BenchError } | undefined

/** Asked for when it is opened, and again with each message of the topic. */
export function Retained({ row: { path, value } }: { row: TopicRow }) {
  const model = useModel()
  const [answer, setAnswer] = useState<Answer>()
  const newest = value?.no
  useEffect(() => {
    let wanted = true
    void model.topics.retained(path).then((got) => {
      if (wanted) setAnswer(got.ok ? { message: got.value } : { error: got.error })
    })
    return () => {
      wanted = false
    }
  }, [model, path, newest])
  if (!answer) return <div aria-busy="true" />
  if ('error' in answer) return <Empty>{answer.error.message}</Empty>
  return <Message message={answer.message} />
}

function Message({ message }: { message: RetainedMessage }) {
  const model = useModel()
  const { topic, qos, at, publisher, payload, properties } = message
  const [chosen, setChosen] = useState<string>()
  const contents = useStore(model.look, (state) => state.contents)
  const view = useMemo(() => {
    const hints = {
      topic,
      contentType: getProperty(properties, 'contentType'),
      payloadFormat: getProperty(properties, 'payloadFormatIndicator'),
    }
    return chooseView(payload, hints, chosen ?? choiceFor(contents, topic)?.view).id
  }, [payload, properties, topic, chosen, contents])
  const text = useMemo(() => payloadText({ payload, view }), [payload, view])
  const from = publisher ?? 'the bench itself'
  const facts = `QoS ${qos} · ${plural(payload.length, 'byte')} · from ${from} · ${dateTime(at)}`
  return (
    <div className="topic-retained">
      <div className="caption">
        <p className="number cut" title={facts}>
          {facts}
        </p>
        <span className="spacer" />
        <ContentViewChoice chosen={chosen} shown={view} onChoose={setChosen} />
        <CopyButton text={text} label="Copy the payload" />
      </div>
      {properties.length > 0 && <PropertyList properties={properties} className="topic-properties" />}
      <PayloadText label="Payload of the retained message" text={text} view={view} />
    </div>
  )
}
