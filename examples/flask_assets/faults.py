"""Mistakes that can be switched on, one at a time, by the environment variable FAULT.

They are what real services get wrong. A gate that passes with one of them has a gap.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import ParamSpec, TypeVar

RACE_WINDOW = 0.05
REMEMBERED = 4096

P = ParamSpec("P")
R = TypeVar("R")

_active: ContextVar[str] = ContextVar("fault", default="")
_meeting: ContextVar[Callable[[], None] | None] = ContextVar("meeting", default=None)


@dataclass(frozen=True)
class Fault:
    """One mistake: its name, its kind, and what goes wrong."""

    name: str
    kind: str
    sentence: str


def on(name: str) -> bool:
    """Whether this fault is switched on for the request at hand."""
    return _active.get() == name


def remembered(make: Callable[P, R]) -> Callable[P, R]:
    """A pure function that knows its last results, those of each fault apart."""
    known = functools.lru_cache(maxsize=REMEMBERED)(
        lambda _, *given, **named: make(*given, **named)
    )

    @functools.wraps(make)
    def found(*given: P.args, **named: P.kwargs) -> R:
        return known(_active.get(), *given, **named)

    return found


def switch(name: str, meeting: Callable[[], None] | None = None) -> None:
    """Switch on one fault, or with an empty name none, for the request at hand."""
    _active.set(name)
    _meeting.set(meeting)


def meet() -> None:
    """Stay in the window of a race: until the others are there, or for a moment."""
    meeting = _meeting.get()
    if meeting is None:
        time.sleep(RACE_WINDOW)
    else:
        meeting()


TABLE = """
lost write
  third_update_lost: The third update of an asset since the start is answered but not stored.
  reclassify_skips_preview: Reclassifying leaves a preview that is a format of its own as it was.
  reclassify_keeps_generic: Reclassifying changes the specific kind and not the generic one.
  value_not_synchronised: A new content of the original does not reach the preview of a text.
  lost_value_of_code: A new content of a format of code is answered but not stored.
  lost_second_annotation: Of the annotations of a seed only the first is saved.
  lost_discovered: Creating an asset forgets `discovered`.
  lost_favorited: Updating an asset forgets `favorited`.
  lost_delete_of_pseudo: Deleting a pseudo asset answers its id and deletes nothing.
  lost_application: A new program gets its id from /connect but is not registered.
stale read
  stale_get: GET of one asset answers what it answered first.
  stale_identifiers: GET /assets/identifiers answers what it answered first.
  stale_search: Searches know an asset as it was when first searched.
  stale_format: GET of one format answers what it answered first.
  stale_export: An export is made once and kept.
order
  list_oldest_first: GET /assets lists the oldest first.
  list_by_update: GET /assets lists the last updated first.
  formats_oldest_first: GET /formats lists the formats of the oldest asset first.
  ties_oldest_first: Among hits of the same score the oldest comes first.
  suggestions_first: Suggestions come before exact hits.
  tags_sorted: The tags of a new asset are sorted, not as they were sent.
  applications_reversed: The programs are listed last come first.
off by one
  list_drops_oldest: GET /assets leaves out the oldest of two or more.
  indices_from_one: Places in `indices` count from one.
  range_without_its_end: A time range does not include its end.
  after_includes_the_moment: A time filter with only `from` includes that moment.
  search_misses_last_character: Searches do not see the last character of a content.
cap
  identifiers_capped_at_20: GET /assets/identifiers stops after 20.
  search_capped_at_30: Searches stop after 30 hits.
  list_capped_at_40: GET /assets stops after 40.
  tags_capped_at_8: Of the tags of a seed eight are saved.
  content_cut_at_4096: A text is cut after 4,096 characters.
  name_cut_at_64: A name is cut after 64 characters.
aliasing
  alias_twin_tags: Updating an asset gives its tags to all assets of the same name.
  alias_equal_contents: A new content of a format also goes to formats with the same old content.
  delete_takes_twins: Deleting an asset deletes all assets of the same name.
ignored parameter
  transferables_ignored_by_asset: GET of one asset has contents even without transferables.
  transferables_ignored_by_update: Updating answers contents even without transferables.
  transferable_ignored: GET of one format has its content even without transferable.
  preview_keeps_contents: Without transferables the preview still has its content.
  pseudo_ignored_by_identifiers: GET /assets/identifiers never lists pseudo assets.
  pseudo_ignored_by_filter_search: POST /assets/search never finds pseudo assets.
  casing_ignored: Case matters in POST /assets/search even with casing false.
  phrase_options_ignored: A phrase is looked for in annotations of all types.
  ext_ignored: The kind in `metadata.ext` of a seed is not heeded.
  tag_category_ignored: The category of a seeded tag becomes UNKNOWN.
  privacy_ignored: The privacy that a new program asks for becomes OPEN.
partial write on error
  refused_create_is_saved: A seed that is refused with 400 for its content leaves an empty asset.
  refused_update_revives: An update of a deleted asset answers 410 and brings it back.
  draft_saves: Drafting a seed also saves it.
wrong status
  gone_as_404: A deleted asset answers 404.
  format_gone_as_404: A format of a deleted asset answers 404.
  delete_twice_200: Deleting a deleted asset answers 200 again.
  update_creates_unknown: Updating an asset that never was creates it.
  blank_search_200: A search for nothing answers 200 without hits.
  create_201: Creating answers 201.
  draft_refuses_seed_without_asset: Drafting a seed without an asset answers 400.
  missing_body_500: A missing body answers 500 where one is required.
  bad_uuid_404: A key that is no UUID answers 404.
  repeated_parameter_taken: A parameter that is given twice is taken, not refused.
type, encoding, header
  size_as_text: The size of a format is a text.
  exact_count_as_text: The count of exact hits is a text.
  size_counts_characters: The size of a text counts characters, not bytes.
  beyond_bmp_replaced: Characters beyond the basic plane are stored as question marks.
  crlf_normalised: Line ends CR LF are stored as LF.
  delete_quoted: Deleting answers the id in quotes, as text.
  delete_as_json: Deleting answers JSON.
  problem_as_json: Problems are sent as application/json.
  no_allow: 405 comes without Allow.
  version_with_prefix: The version begins with a v.
text
  name_trimmed: Names lose the blanks around them.
  name_stored_as_nfc: Names are stored in another composition (NFC) than they were sent in.
  composition_matters: Searches do not find a composed letter by its decomposed form.
  lower_instead_of_casefold: Searches do not find a sharp s by two.
  ascii_case_only: Searches heed the case of letters beyond ASCII.
  dot_above_ignored: Searches find a capital I with a dot by a plain i.
race
  race_lost_update: A new content that is stored at the same time undoes an update.
  race_double_connect: One program that connects twice at the same time is registered twice.
  race_double_delete: Two deletions at the same time both answer 200.
  race_update_revives: An update at the same time as a deletion brings the asset back.
feed
  feed_misses_reclassify: Feeds do not tell of a reclassification.
  feed_skips_every_third: Feeds leave out every third change.
  feed_tells_twice: Feeds tell each change twice.
  feed_begins_with_oldest: The first frame has the oldest first.
  feed_removal_unmarked: The identifier feed tells of a removal without `deleted`.
  feed_with_contents: The first frame of /assets/stream has contents.
  feed_silent_when_empty: There is no first frame when there are no assets.
  feed_tells_pseudo: Feeds tell of pseudo assets.
identity
  id_reused: A new asset gets the id of one that was deleted.
filter
  any_tag_is_enough: A filter for several tags asks for one of them.
  or_taken_as_and: Filters with OR must all hold.
  operations_always_and: Nested filters with OR must all hold.
  kind_ignored_beside_tags: A filter for kind and tags heeds only the tags.
  updated_ignored_beside_created: A filter for both times heeds only the creation.
  phrase_looks_in_first_place_only: A phrase for several places is looked for in titles only.
  websites_by_name_only: A filter for a website does not know its URL.
  space_ignored_beside_query: A search for words in a space searches everywhere.
  empty_space_is_everything: A search in an empty space finds everything.
  tags_ignored_beside_query: A search for words and tags heeds only the words.
leak
  deleted_in_search: Searches find deleted assets.
  deleted_in_pseudo: GET /assets/pseudo lists deleted assets.
  deleted_formats_listed: GET /formats lists formats of deleted assets.
  deleted_in_related: Related assets may be deleted.
  deleted_in_recommended: Recommended assets may be deleted.
  pseudo_among_related: Related and recommended assets may be pseudo.
  given_assets_are_related: The given assets are related to themselves.
  gone_not_in_indices: `indices` does not tell of deleted assets.
moment
  reclassify_keeps_updated: Reclassifying does not change `updated`.
  value_keeps_asset_updated: A new content does not change `updated` of its asset.
  created_overwritten: Updating takes `created` from the body.
  updated_from_body: Updating takes `updated` from the body.
  opening_touches_updated: Opening an asset through a share changes `updated`.
default, null, empty
  mechanism_defaults_to_automatic: An asset without a mechanism becomes AUTOMATIC.
  formats_without_contents_by_default: GET /formats leaves contents out.
  missing_name_as_null: A name that an update leaves out is null afterwards.
  missing_members_stay: What an update leaves out stays.
  emptied_tags_stay: An update with no tags keeps the old ones.
  left_out_content_is_lost: An update without contents loses them.
  empty_content_missing: An empty text has no `string`.
  empty_list_missing: A list without items has no `iterable`.
search
  no_suggestions: Nothing is suggested for a mistyped word.
  suggested_always_zero: The count of suggestions is always zero.
  content_outranks_title: A hit in the content counts more than one in the title.
  hints_not_searched: Hints are not searched.
  second_tag_not_searched: Only the first tag of an asset is searched.
"""


def _read(table: str) -> dict[str, Fault]:
    made: dict[str, Fault] = {}
    kind = ""
    for line in table.strip().splitlines():
        if line.startswith("  "):
            name, _, sentence = line.strip().partition(": ")
            made[name] = Fault(name, kind, sentence)
        else:
            kind = line
    return made


FAULTS = _read(TABLE)
