"""One language of conditions for dictionaries, alerts and scorecards.

A condition is a mapping; everything in it must hold::

    category: claims/refund      # one term: a category of the dictionaries, with what is below it
    speaker: caller              # whose words: caller, agent, robot
    first_seconds: 30            # only so soon; of the agent, after the agent joined; last_seconds: only so late
    count: {at_least: 2}         # what is compared stands before its bounds: at_least, at_most, above, below
    all: [...]                   # all of these conditions hold as well
    any: [...]                   # at least one of them does
    unless: [...]                # none of them does

``speaker`` and the seconds hold for everything below them, until somebody says otherwise. Terms:

- ``category: claims`` or ``finding: silence`` with a ``label``: what the rules have found, its ``count``, the seconds
  each ``lasts``, the ``longest``;
- ``measure: {words_per_minute.agent: {at_most: 200}}``: figures of the whole call;
- ``call: {outcome: [abandoned, failed], segment: vip}``: facts of the call;
- in alerts also ``said: {ru: [подать в суд]}``, ``sentiment: {below: -0.3}`` and ``rating: {at_most: 2}``;
- in dictionaries ``phrases: [...]``, with how their words have to stand.

``value`` has the values and how they are joined, ``terms`` and ``evaluation`` the terms of alerts and scorecards,
``file`` what people write, ``former`` what they wrote before.
"""
