"""Resolutions of the owners (业主共同决定, 民法典 278): draft, motion, notice, vote, count, publication.

Modules, each with its own functions (all take ``conn, trust_id`` first; commands ``actor, act`` last):

``matters``   ``matters() -> {name: Matter(title, item, participate, agree, filing_days, basis, .needs)}``
``value``     ``Draft, Item, Unlock, Attachment, Motion, Notice``; names of options, stages, channels
``choices``   ``parse_choice(item, text)``, ``choice_words(item, choice)``
``rules``     ``rules_on(setup, day) -> Rules`` (the settings of group 表决), ``Rules.sentences()``
``decided``   ``decisions``, ``require_decision``, ``record_decision(RecordedDecision) -> seq`` (chair)
``course``    ``draft_resolution(draft) -> number``; ``redraft(number, draft) -> version``;
              ``record_motion(number, motion) -> MotionCount``, ``count_motion(motion, rules, act)``: a preview;
              ``give_notice(number, notice)``; ``withdraw(number, note)``; ``earliest_opening(state, rules)``
``grouping``  ``build_roll(conn, trust_id, day, rules) -> NewRoll(voters, missing, .total)``: a preview
``opening``   ``open_vote(number, include_unknown=False) -> Roll`` (chair): freezes the roll, publishes its hash
``codes``     ``issue_codes(number, voters=None) -> [Letter(voter, names, units, area, code)]``: once, for
              printing; ``letters_issued(number)``; ``count_wrong_code(number, actor, act)``: in a transaction
              of its own, when ``cast_online`` raised ``WrongCode`` (a Refused)
``ballots``   ``cast_online(number, voter, choices, code) -> Receipt``; ``Receipt(number, ballot_no, voter,
              channel, choices, text, salt, commitment, seq, cast_at)``: SHA-256 of the JSON list
              ``[salt, "ballot", text]`` is the commitment, which is in leaf ``seq``
``slips``     ``enter_slips(number, [Slip(unit, choices, received_on, by_proxy, document)]) ->
              Entered(typed, counted, pending)``; ``pending_slips(number) -> [Pending(voter, kind, slips)]``
``grid``      ``parse_grid(text, items, received_on) -> [Slip]`` (one line a ballot: room, then letters A/B/C or
              candidate numbers), ``parse_ballot_sheet(data, filename, items, received_on)``,
              ``ballot_form(items)`` (template by ``ledger.trust.workbooks.template_xlsx``)
``proxies``   ``record_proxy(number, Proxy) -> no``; ``revoke_proxy(number, unit)``; ``proxies_of(number)``;
              ``record_deliveries(number, units, delivered_on, how, document) -> count``; ``delivered_to``
``closing``   ``close_vote(number, set_aside="") -> Result`` (chair); ``publish_result(number) -> seq`` (chair);
              ``record_filing(number, filed_on, authority, receipt, document)``; ``read_result(number)``
``read``      ``list_resolutions(before, limit, stages) -> [Summary]``; ``read_resolution(number) ->
              ResolutionFile(state, motion_count, roll, result, decisions, filing, filing_due, places)``;
              ``list_decisions``, ``read_decision(number) -> DecisionRow``, ``chosen_names(number)``; ``PUBLIC_STAGES``
``turnout``   ``participation(number) -> Turnout(took_part, total, ballots, quorum, buildings)``: no choices
``voters``    ``roll_page(number, after, limit, unit, missing) -> [Voter]`` (office: names, units, took part)
``papers``    ``my_papers(actor, act) -> [MyPaper(state, roll, voter, units, area, hindrance, voted,
              receipt)]``, ``my_paper(number, ...)``, ``my_receipts(number, actor)``, ``paper_receipt(...)``
``words``     ``result_sentence(item)``, ``outcome_name(item)``, ``percent(part, whole, threshold)``, ``square``
``recount``   ``recount(number) -> Recount(problems, .agrees, items, ...)``; ``collect(slug, number) ->
              AuditFile``; ``audit_bytes``, ``read_audit_file``, ``check_audit(audit, leaves) -> Recount``
"""
