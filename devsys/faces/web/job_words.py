"""The jobs by the names people know them by."""

from typing import Final

from devsys.base.words import to_phrase

JOBS: Final = {
    "draw plan": to_phrase("Draw a plan"),
    "roll horizon": to_phrase("Roll the horizon on"),
    "age feeds": to_phrase("Let past sessions leave the feeds"),
    "tidy up": to_phrase("Tidy up"),
    "offer seats": to_phrase("Offer free places"),
    "tend coaching": to_phrase("Match who waits for coaching, remind the two"),
    "review improvement": to_phrase("Look at what rollouts did"),
    "look at busy times": to_phrase("Look at people's own calendars again"),
    "close the pulse": to_phrase("Close the pulse of a month"),
    "remind": to_phrase("Write of tomorrow's sessions, and how today's were"),
}

# jobs that nobody needs to hear of unless they fail
QUIET: Final = (
    "age feeds",
    "tidy up",
    "look at busy times",
    "remind",
    "offer seats",
    "tend coaching",
    "close the pulse",
    "review improvement",
)
