"""What the names of members ask for, as tables: a name's words joined, and its makers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from mockserver.engine.values.naming import Maker, Naming


def _instant(number: int, later: int) -> Maker:
    def maker(naming: Naming) -> str:
        return list(naming.instants(later))[number]

    return maker


def _instants(later: int) -> tuple[Maker, ...]:
    return tuple(_instant(number, later) for number in range(5))


def _use(kind: str, method: str) -> Maker:
    return lambda naming: str(naming.use(kind, method))


def _pick(*options: Any) -> Maker:
    return lambda naming: naming.random.choice(options)


def _whole(low: int, high: int) -> Maker:
    return lambda naming: naming.random.randint(low, high)


def _real(low: float, high: float, places: int = 2) -> Maker:
    return lambda naming: naming.decimal(low, high, places)


def _url(path: str, ending: str = "") -> Maker:
    return lambda naming: naming.url(path, ending)


def _table(rows: Sequence[tuple[str, tuple[Maker, ...]]]) -> dict[str, tuple[Maker, ...]]:
    return {name: makers for names, makers in rows for name in names.split()}


_CREATED = """
    created createdat createdon createddate creationdate creationtime createtime date
    datetime timestamp time at start startdate startat startsat starttime startdatetime begin
    publishedat published registeredat joinedat orderdate issuedate released releasedate
    addedat uploadedat sentat receivedat yyyymmdd createdtime
"""
_CHANGED = """
    updated updatedat updatedon updateddate updatetime modified modifiedat modifieddate
    modifiedon lastmodified lastupdated changedat lastseen lastlogin lastseenat lastloginat
    updatedtime lastmodifieddate pushedat closedat completedat
"""
_ENDING = """
    end enddate endat endsat endtime enddatetime expires expiresat expiry expirydate
    expirationdate duedate due dueat dueon expiration deadline until expiretime validuntil
"""

TEXTS = _table((
    ("email emailaddress mail", (Naming.email, lambda _: "ann@example.com", lambda _: "a@b.co")),
    ("firstname givenname forename", (Naming.first_name,)),
    ("lastname surname familyname", (Naming.last_name,)),
    ("middlename", (_use("person", "first_name"),)),
    ("fullname displayname author realname contactname", (
        lambda naming: f"{naming.first_name()} {naming.last_name()}",)),
    ("username login nickname handle userlogin screenname", (Naming.username,)),
    ("name label", (Naming.name, lambda naming: naming.words(1)[0])),
    ("title subject headline heading caption", (Naming.title, lambda n: n.words(1)[0])),
    ("""description summary comment note message text body content bio about remark detail details
     reason excerpt abstract biography""", (Naming.sentence, Naming.title)),
    ("phone phonenumber mobile mobilenumber telephone tel cell fax mobilephone msisdn", (
        lambda naming: f"+1555{naming.random.randint(1000000, 9999999)}",)),
    ("city town locality", (_use("address", "city"),)),
    ("country countryname", (_use("address", "country"),)),
    ("countrycode countryiso countryalpha", (_use("address", "country_code"),)),
    ("state province region statename", (_use("address", "state"),
                                         _pick("active", "pending", "closed"))),
    ("street streetaddress addressline addressline1 address1 line1 address streetname", (
        _use("address", "address"),)),
    ("zip zipcode postcode postalcode", (_use("address", "postal_code"),)),
    ("""company companyname organization organisation organizationname employer vendor merchant
     brand manufacturer publisher businessname""", (_use("finance", "company"),)),
    ("job jobtitle occupation profession position", (_use("person", "occupation"),)),
    ("nationality", (_use("person", "nationality"),)),
    ("gender sex", (_pick("female", "male"),)),
    ("url uri link href website homepage site webpage endpoint location callback webhook", (
        _url(""),)),
    ("""avatar avatarurl image imageurl picture pictureurl photo photourl thumbnail thumbnailurl
     logo logourl icon iconurl""", (_url("images/", ".png"), Naming.slug)),
    ("video videourl", (_url("videos/", ".mp4"),)),
    ("filename file", (lambda naming: naming.slug() + ".txt",)),
    ("path filepath", (lambda naming: "/".join(naming.words(2)),)),
    ("mimetype contenttype mediatype", (_pick("text/plain", "image/png", "application/json"),)),
    ("currency currencycode", (_pick("USD", "EUR", "GBP", "JPY", "CHF"),)),
    ("language lang languagecode", (_pick("en", "de", "fr", "es", "ja"),)),
    ("locale", (_pick("en-US", "de-DE", "fr-FR", "ja-JP"), _pick("en", "de", "fr"))),
    ("timezone tz", (_pick("Europe/Berlin", "America/New_York", "Asia/Tokyo", "UTC"),)),
    ("status", (_pick("active", "pending", "closed"),)),
    ("color colour", (_pick("#2e86de", "#10ac84", "#ee5253", "#ff9f43"), _pick("blue", "green"))),
    ("ip ipaddress ipv4 ipaddr remoteaddr", (
        lambda naming: f"192.0.2.{naming.random.randint(1, 254)}",)),
    ("ipv6", (lambda naming: f"2001:db8::{naming.token(3)}",)),
    ("mac macaddress", (lambda naming: ":".join(re.findall("..", naming.token())),)),
    ("host hostname domain domainname", (lambda naming: naming.slug() + ".example.com",)),
    ("useragent", (_use("internet", "user_agent"),)),
    ("version semver appversion", (lambda naming: ".".join(
        str(naming.random.randint(0, 9)) for _ in range(3)),)),
    ("slug permalink", (Naming.slug,)),
    ("uuid guid", (Naming.uuid,)),
    ("id identifier ref reference externalid", (
        Naming.token, Naming.uuid, lambda naming: str(naming.random.randint(1, 99_999)))),
    ("sha commit hash checksum digest etag", (
        lambda naming: naming.token(40), lambda naming: naming.token(64), Naming.token)),
    ("token accesstoken apikey secret refreshtoken key", (
        lambda naming: naming.token(32), Naming.token)),
    ("password", (lambda naming: "-".join((*naming.words(3), naming.token(4))),)),
    ("price amount total cost fee balance subtotal tax discount decimal", (
        lambda naming: f"{naming.decimal(1, 500):.2f}",)),
    ("latitude lat", (lambda naming: str(naming.decimal(-80, 80, 5)),)),
    ("longitude lng lon long", (lambda naming: str(naming.decimal(-180, 180, 5)),)),
    ("birthdate birthday dateofbirth dob", (Naming.birthday,)),
    ("duration", (lambda naming: f"PT{naming.random.randint(1, 59)}M",
                  lambda naming: f"{naming.random.randint(1, 59)}s")),
    ("googleduration", (lambda naming: f"{naming.random.randint(1, 3600)}s",)),
    ("year", (lambda naming: str(naming.past().year),)),
    ("number count quantity", (lambda naming: str(naming.random.randint(1, 999)),)),
    ("isbn", (lambda naming: f"978{naming.random.randint(10**9, 10**10 - 1)}",)),
    ("iban", (lambda naming: f"DE{naming.random.randint(10**19, 10**20 - 1)}",)),
    (_CREATED + " googledatetime", _instants(0)), (_CHANGED, _instants(1)),
    (_ENDING, _instants(2)),
))  # fmt: skip

NUMBERS = _table((
    ("price amount total cost fee balance subtotal tax discount revenue salary", (
        _real(1, 500), _whole(1, 500))),
    ("latitude lat", (_real(-80, 80, 5), _whole(-80, 80))),
    ("longitude lng lon long", (_real(-180, 180, 5), _whole(-180, 180))),
    ("age", (_whole(18, 80),)), ("year", (lambda naming: naming.past().year,)),
    ("month", (_whole(1, 12),)), ("day", (_whole(1, 28),)), ("hour", (_whole(0, 23),)),
    ("minute second", (_whole(0, 59),)), ("port", (_whole(1024, 65535),)),
    ("rating stars score", (_real(1, 5, 1), _whole(1, 5))),
    ("percent percentage progress", (_whole(0, 100),)),
    ("probability confidence ratio rate", (_real(0, 1), _whole(0, 100))),
    ("count quantity qty stock size length number position index order rank level", (
        _whole(1, 50),)),
    ("page", (_whole(1, 3),)), ("width height", (_whole(2, 1920),)),
    ("id", (_whole(1, 99_999),)), ("filesize bytes", (_whole(1_000, 5_000_000),)),
    ("duration", (_whole(1, 3600),)), ("weight", (_real(1, 90, 1), _whole(1, 90))),
    (_CREATED + " unixtime", (lambda naming: int(naming.past().timestamp()),)),
    (_CHANGED, (lambda naming: int(naming.past(1).timestamp()),)),
    (_ENDING, (lambda naming: int(naming.past(2).timestamp()),)),
))  # fmt: skip
