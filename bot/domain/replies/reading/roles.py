"""The part that each piece of a message plays."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class TokenRole(StrEnum):
    """What one piece of a message is; each sign of a message has exactly one role."""

    # Who and what is spoken of.
    TOWN = "TOWN"  # a township of the campaign, by name or alias
    NICK = "NICK"  # a contact of the campaign, who stands for his township
    # an alias with a suffix that is not its own: no township of the campaign
    NOT_A_TOWN = "NOT_A_TOWN"
    VILLAGE = "VILLAGE"  # a part of a township
    VILLAGES = "VILLAGES"  # what follows are parts of a township
    STAGE = "STAGE"  # a word of a stage
    CATEGORY = "CATEGORY"  # a word of a category
    NOUN = "NOUN"  # what the campaign is about, in its own words
    DONE = "DONE"  # done, of whatever the work is: the headline stage where no stage is named
    # Numbers.
    COUNT = "COUNT"  # a number with the campaign's unit
    NUMBER = "NUMBER"  # a number alone
    WORDNUMBER = "WORDNUMBER"  # a Chinese numeral alone
    FRACTION = "FRACTION"  # done of the task
    PERCENT = "PERCENT"  # the share of the task
    ARROW = "ARROW"  # from one number to another
    SUM = "SUM"  # numbers that add up to one
    CHANGED = "CHANGED"  # a number that replaces another
    EXCEPT = "EXCEPT"  # all but so many
    REST = "REST"  # what a promise was made of; true of the figures beside it
    RANGE = "RANGE"  # from here to there: no exact number
    SPLIT = "SPLIT"  # a number with a blank in it
    STAR_NUMBER = "STAR_NUMBER"  # looks like a number and is none for certain
    SHARE = "SHARE"  # tenths
    PART_OF = "PART_OF"  # a share in words
    ORDINAL = "ORDINAL"  # a place in a row
    MINUS = "MINUS"  # a number below nothing
    OTHER = "OTHER"  # a number with a unit that is not the campaign's
    ROUNDED = "ROUNDED"  # a number in ten thousands that is not exact
    LABELLED = "LABELLED"  # a number that names a thing: of a house, a paper, an account
    LONG = "LONG"  # a telephone or an identity number
    INDEX = "INDEX"  # the place of a row in a list
    # In which way a number is said.
    CUM = "CUM"  # in all, up to now
    ALREADY = "ALREADY"  # so many by now
    EVERY = "EVERY"  # the whole of the number that follows
    INC = "INC"  # more than the day before
    PLUS = "PLUS"  # the sign of an increase
    REM = "REM"  # still to do
    TARGET = "TARGET"  # the task
    ALL = "ALL"  # all of the task
    ALL_THOSE = "ALL_THOSE"  # all of those named before
    ZERO = "ZERO"  # nothing new
    AMONG = "AMONG"  # a part of what stands before
    IN_PROGRESS = "IN_PROGRESS"  # begun and not finished
    PART = "PART"  # a part of the work on one, not the whole of it
    KIND_OF = "KIND_OF"  # of which category all of them are
    ENDED = "ENDED"  # the work is over, whatever that means
    VAGUE = "VAGUE"  # not exact
    # How it is said.
    CORRECTION = "CORRECTION"  # replaces what was said before
    PROMISE = "PROMISE"  # to come: no figure
    CONDITION = "CONDITION"  # to come, to the end of the sentence
    EXAMPLE = "EXAMPLE"  # shows the form: no figure, to the end of the line
    QUESTION = "QUESTION"  # asks: no figure
    COMMAND = "COMMAND"  # tells the bot or people to do something: no figure
    # When.
    DATE = "DATE"
    WEEKDAY = "WEEKDAY"
    MONTH = "MONTH"
    TIME = "TIME"
    YESTERDAY = "YESTERDAY"  # the day before
    PERIOD = "PERIOD"  # a time that is no day
    STOPPED = "STOPPED"  # up to a moment
    TITLE = "TITLE"  # names the day in a title, and marks nothing
    # The rest.
    FILE = "FILE"
    PICTURE = "PICTURE"
    EMOTICON = "EMOTICON"
    CALLED = "CALLED"  # somebody who is called by name
    PLAIN = "PLAIN"  # says nothing of a number beside it
    ACT = "ACT"  # says nothing of a number but one right behind it
    OF_THE_WORK = "OF_THE_WORK"  # says nothing of a number that has its stage beside it
    OF_THE_REST = "OF_THE_REST"  # tells how what remains is getting on
    OF_A_ZERO = "OF_A_ZERO"  # tells why there is nothing new
    OPEN = "OPEN"
    CLOSE = "CLOSE"
    COMMA = "COMMA"
    STOP = "STOP"
    NEWLINE = "NEWLINE"
    SPACE = "SPACE"
    WORD = "WORD"  # a character nobody has explained


class Token(NamedTuple):
    """A piece of the message and the part it plays."""

    role: TokenRole
    text: str
