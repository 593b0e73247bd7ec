"""What the demonstration shop is filled with: customers, orders, goods. Known by heart by tests and conversations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

STATES: Mapping[str, Mapping[str, str]] = {
    "packing": {"ru": "собирается на складе", "en": "is being packed"},
    "on_the_way": {"ru": "передан курьеру, доставка завтра", "en": "is with the courier and will arrive tomorrow"},
    "ready": {"ru": "ждёт вас в пункте выдачи", "en": "is waiting for you at the pick-up point"},
    "delivered": {"ru": "уже доставлен", "en": "has been delivered"},
}
"""How an order's state is said, as the rest of a sentence that begins with the order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyer:
    """One customer."""

    phone: str
    """Digits alone."""
    name: str
    segment: str
    language: str


CUSTOMERS = (
    Buyer(phone="79161234567", name="Анна", segment="regular", language="ru"),  # two orders, one booking
    Buyer(phone="79031112233", name="Павел", segment="vip", language="ru"),  # one order, two bookings
    Buyer(phone="79265554433", name="Ольга", segment="regular", language="ru"),  # more orders than one can keep in mind
    Buyer(phone="79267778899", name="Дмитрий", segment="new", language="ru"),  # neither
    Buyer(phone="12025550143", name="Emma", segment="regular", language="en"),  # one order, one booking
    Buyer(phone="12025550176", name="James", segment="vip", language="en"),  # one order, two bookings
    Buyer(phone="12025550199", name="Olivia", segment="new", language="en"),  # neither
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One order."""

    number: str
    phone: str
    state: str
    items: tuple[str, str]
    """In Russian and in English."""
    sum: str


ORDERS = (  # the newest last
    Order(number="2210", phone="79265554433", state="delivered", sum="2400.00 RUB",
          items=("кактус в горшке и лейка", "a potted cactus and a watering can")),
    Order(number="2951", phone="79265554433", state="delivered", sum="3150.00 RUB",
          items=("букет «Акварель»", "the Watercolour bouquet")),
    Order(number="3418", phone="79265554433", state="ready", sum="1290.00 RUB",
          items=("ароматическая свеча", "a scented candle")),
    Order(number="3850", phone="79031112233", state="packing", sum="5200.00 RUB",
          items=("букет из пятнадцати роз и открытка", "a bouquet of fifteen roses and a card")),
    Order(number="4127", phone="79161234567", state="on_the_way", sum="3490.00 RUB",
          items=("букет пионов и стеклянная ваза", "a bouquet of peonies and a glass vase")),
    Order(number="4480", phone="79265554433", state="on_the_way", sum="2790.00 RUB",
          items=("спатифиллум в белом кашпо", "a peace lily in a white planter")),
    Order(number="5206", phone="79161234567", state="ready", sum="1990.00 RUB",
          items=("белый фаленопсис в горшке", "a white orchid in a pot")),
    Order(number="6092", phone="12025550176", state="delivered", sum="64.00 USD",
          items=("букет из пятнадцати роз", "a bouquet of fifteen roses")),
    Order(number="7314", phone="12025550143", state="on_the_way", sum="48.50 USD",
          items=("букет тюльпанов и коробка конфет", "a bouquet of tulips and a box of chocolates")),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """One thing the shop sells."""

    id: str
    category: str
    purposes: str
    """Joined by blanks."""
    name: tuple[str, str]
    why: tuple[str, str]
    price: tuple[int, int]
    """In roubles and in dollars."""
    left: int = 20


PRODUCTS = (
    Product(id="b01", category="bouquet", purposes="birthday home", price=(1490, 19),
            name=("букет «Утро»", "the Morning bouquet"),
            why=("кустовые хризантемы, стоят до трёх недель", "spray chrysanthemums that last up to three weeks")),
    Product(id="b02", category="bouquet", purposes="birthday apology", price=(1990, 25),
            name=("букет «Акварель»", "the Watercolour bouquet"),
            why=("нежные альстромерии и эустомы", "soft alstroemerias and lisianthus")),
    Product(id="b03", category="bouquet", purposes="birthday apology", price=(2990, 38),
            name=("букет «Пятнадцать роз»", "the Fifteen Roses bouquet"),
            why=("классика, которая радует всегда", "a classic that always pleases")),
    Product(id="b04", category="bouquet", purposes="birthday wedding", price=(3490, 44),
            name=("букет «Пионовый сад»", "the Peony Garden bouquet"),
            why=("пышные пионы с тонким ароматом", "full peonies with a light scent")),
    Product(id="b05", category="bouquet", purposes="wedding", price=(4990, 62),
            name=("букет невесты «Облако»", "the Cloud bridal bouquet"),
            why=("белые розы и эвкалипт, бутоньерка в подарок", "white roses and eucalyptus, a buttonhole included")),
    Product(id="b06", category="bouquet", purposes="wedding apology", price=(6990, 87),
            name=("букет «Пятьдесят одна роза»", "the Fifty-One Roses bouquet"),
            why=("большой букет для большого повода", "a grand bouquet for a grand occasion")),
    Product(id="b07", category="bouquet", purposes="office", price=(2490, 31),
            name=("букет «Деловой»", "the Business bouquet"),
            why=("сдержанный, без сильного аромата", "understated, without a strong scent")),
    Product(id="b08", category="bouquet", purposes="home apology", price=(1190, 15),
            name=("букет «Ромашковый луг»", "the Daisy Meadow bouquet"),
            why=("простой и тёплый, хорош и без повода", "simple and warm, good for no reason at all")),
    Product(id="p01", category="plant", purposes="home office", price=(990, 12),
            name=("кактус в глиняном горшке", "a cactus in a clay pot"),
            why=("поливать раз в две недели", "needs water every other week")),
    Product(id="p02", category="plant", purposes="birthday home", price=(1990, 25),
            name=("белый фаленопсис", "a white moth orchid"),
            why=("цветёт по два-три месяца", "flowers for two or three months")),
    Product(id="p03", category="plant", purposes="home office", price=(2790, 35),
            name=("спатифиллум в кашпо", "a peace lily in a planter"),
            why=("растёт и в тени, подскажет, когда полить", "grows in shade and shows when it wants water")),
    Product(id="p04", category="plant", purposes="office", price=(4490, 56),
            name=("фикус Бенджамина", "a weeping fig"),
            why=("высотой метр, украсит приёмную", "a metre tall, made for a reception")),
    Product(id="p05", category="plant", purposes="office wedding", price=(6900, 86),
            name=("лимонный куст в кадке", "a lemon bush in a tub"),
            why=("цветёт и плодоносит круглый год", "flowers and bears fruit all the year")),
    Product(id="p06", category="plant", purposes="birthday home apology", price=(1490, 19),
            name=("флорариум «Оазис»", "the Oasis terrarium"),
            why=("маленький сад в стекле, почти без ухода", "a small garden under glass, almost no care")),
    Product(id="p07", category="plant", purposes="home", price=(1290, 16),
            name=("набор пряных трав", "a set of kitchen herbs"),
            why=("базилик, мята и розмарин для кухни", "basil, mint and rosemary for the kitchen")),
    Product(id="g01", category="gift", purposes="birthday apology", price=(890, 11),
            name=("набор шоколадных конфет", "a box of chocolates"),
            why=("бельгийский шоколад ручной работы", "hand-made Belgian chocolate")),
    Product(id="g02", category="gift", purposes="home birthday", price=(1290, 16),
            name=("набор ароматических свечей", "a set of scented candles"),
            why=("три спокойных аромата", "three quiet scents")),
    Product(id="g03", category="gift", purposes="birthday office wedding", price=(3000, 38),
            name=("подарочный сертификат", "a gift certificate"),
            why=("действует год, выбирают сами", "valid for a year, and they choose")),
    Product(id="g04", category="gift", purposes="home wedding", price=(2490, 31),
            name=("комплект из двух стеклянных ваз", "a pair of glass vases"),
            why=("ручное стекло, подойдут к любому букету", "hand-blown, they suit any bouquet")),
    Product(id="g05", category="gift", purposes="office", price=(1990, 25),
            name=("чайный набор", "a tea set"),
            why=("пять сортов чая и мёд", "five teas and honey")),
    Product(id="g06", category="gift", purposes="wedding apology", price=(5900, 74),
            name=("набор «Праздник»", "the Celebration hamper"),
            why=("цветы, фрукты и сладости", "flowers, fruit and sweets")),
    Product(id="g07", category="gift", purposes="birthday home", price=(690, 9), left=1,
            name=("музыкальный шар", "a musical snow globe"),
            why=("остался последний, играет вальс", "the last one, it plays a waltz")),
)  # fmt: skip
