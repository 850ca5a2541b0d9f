"""Texts in old encodings, mixed, garbled and with zeros, with what should come out; their content is invented."""

PAGES = (
    "cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp1258",
    "iso8859_1", "iso8859_2", "iso8859_3", "iso8859_4", "iso8859_5", "iso8859_6", "iso8859_7", "iso8859_8",
    "iso8859_9", "iso8859_10", "iso8859_11", "iso8859_13", "iso8859_14", "iso8859_15", "iso8859_16",
    "cp437", "cp737", "cp775", "cp850", "cp852", "cp855", "cp857", "cp858", "cp860", "cp861", "cp862", "cp863",
    "cp865", "cp866", "cp869", "cp874", "koi8_r", "koi8_u", "mac_roman", "mac_cyrillic", "mac_greek",
    "mac_latin2", "mac_turkish", "shift_jis", "cp932", "euc_jp", "iso2022_jp", "gb18030", "gbk", "hz", "big5", "cp950",
    "euc_kr", "cp949", "johab",
)  # fmt: skip
"""Code pages in use, as Python calls them."""
PARAGRAPHS = {
    "German": (
        "Der alte Müller öffnete früh die Tür und grüßte die Fährleute. „Wie spät ist es?“, fragte seine Tochter. "
        "Über den Dächern hingen schwere Wolken, und die Straße glänzte vor Nässe. Er wußte, daß niemand mehr "
        "käme."
    ),
    "French": (
        "L’été dernier, la maîtresse du château reçut une lettre étrange. Où était passé le garçon ? Là-bas, près "
        "de la forêt, répondit le vieux pêcheur ; il a traversé la rivière à l’aube, sans un mot, et n’est jamais "
        "revenu."
    ),
    "Spanish": (
        "¿Dónde está el niño? preguntó la señora. El panadero señaló el camino hacia la montaña. Mañana llegará "
        "el último autobús, pensó ella, y después no habrá más noticias de aquel pequeño pueblo junto al río."
    ),
    "Italian": (
        "Perché la città è così silenziosa? chiese il mugnaio. Più tardi la luna salì sopra il caffè, e nessuno "
        "poté dire se la nave fosse già partita. La libertà, pensò, è come l’acqua: non si può tenerla in mano."
    ),
    "Portuguese": (
        "Não há ninguém na estação, disse o irmão mais novo. Amanhã a família virá à praia, e então saberemos a "
        "razão. A avó põe o pão na mesa, olha as nuvens e começa uma canção antiga sobre um pescador e três "
        "corações."
    ),
    "Dutch": (
        "De oude molenaar opende ’s ochtends zijn deur en zag één boot op de rivier. Waar is iedereen? vroeg hij. "
        "De zeeën waren kalm, de ideeën op, en het café bleef dicht. Niemand kon zeggen wie de lantaarn had "
        "aangestoken."
    ),
    "Swedish": (
        "Den gamle mjölnaren öppnade dörren tidigt på morgonen och såg ut över sjön. Var är båten? frågade hans "
        "dotter. Ingen vågade svara. Långt borta hördes måsar, och på bryggan låg ett rött äpple som någon hade "
        "tappat."
    ),
    "Danish": (
        "Den gamle møller åbnede døren tidligt om morgenen og så ud over søen. Hvor er båden? spurgte hans "
        "datter. Ingen turde svare. Langt borte hørtes måger, og på broen lå et rødt æble, som nogen havde tabt i "
        "græsset."
    ),
    "Norwegian": (
        "Den gamle mølleren åpnet døren tidlig på morgenen og så ut over fjorden. Hvor er båten? spurte datteren "
        "hans. Ingen våget å svare. Langt borte hørtes måker, og på bryggen lå et rødt eple som noen hadde "
        "mistet."
    ),
    "Finnish": (
        "Vanha mylläri avasi oven aikaisin aamulla ja katsoi järvelle. Missä vene on? kysyi hänen tyttärensä. "
        "Kukaan ei uskaltanut vastata. Kaukaa kuului lokkien ääniä, ja laiturilla oli pieni lyhty, jonka tuuli "
        "sammutti yöllä."
    ),
    "Icelandic": (
        "Gamli malarinn opnaði dyrnar snemma um morguninn og leit yfir fjörðinn. Hvar er báturinn? spurði dóttir "
        "hans. Enginn þorði að svara. Langt í burtu heyrðist í fuglum og á bryggjunni lá rautt epli sem einhver "
        "hafði týnt."
    ),
    "Polish": (
        "Stary młynarz otworzył wcześnie drzwi i spojrzał na rzekę. Gdzie jest łódź? zapytała jego córka. Nikt "
        "nie śmiał odpowiedzieć. Daleko słychać było ptaki, a na pomoście leżało czerwone jabłko, które ktoś "
        "zgubił wśród żółtych liści."
    ),
    "Czech": (
        "Starý mlynář otevřel brzy ráno dveře a podíval se na řeku. Kde je loď? zeptala se jeho dcera. Nikdo se "
        "neodvážil odpovědět. Daleko bylo slyšet ptáky a na můstku leželo červené jablko, které někdo ztratil ve "
        "žluté trávě."
    ),
    "Slovak": (
        "Starý mlynár otvoril skoro ráno dvere a pozrel sa na rieku. Kde je čln? spýtala sa jeho dcéra. Nikto sa "
        "neodvážil odpovedať. Ďaleko bolo počuť vtáky a na móle ležalo červené jablko, ktoré niekto stratil v "
        "žltej tráve."
    ),
    "Hungarian": (
        "Az öreg molnár kora reggel kinyitotta az ajtót, és a folyóra nézett. Hol van a csónak? kérdezte a lánya. "
        "Senki sem mert válaszolni. Messziről madarak hangja hallatszott, és a hídon egy piros alma feküdt, amit "
        "valaki elvesztett a fűben."
    ),
    "Romanian": (
        "Bătrânul morar a deschis ușa devreme dimineața și s-a uitat peste râu. Unde este barca? a întrebat fiica "
        "lui. Nimeni nu îndrăznea să răspundă. Departe se auzeau păsări, iar pe punte zăcea un măr roșu pe care "
        "cineva îl pierduse în iarbă."
    ),
    "Croatian": (
        "Stari mlinar otvorio je rano ujutro vrata i pogledao na rijeku. Gdje je čamac? upitala je njegova kći. "
        "Nitko se nije usudio odgovoriti. Iz daljine su se čule ptice, a na mostu je ležala crvena jabuka koju je "
        "netko izgubio u žutoj travi."
    ),
    "Turkish": (
        "Yaşlı değirmenci sabah erkenden kapıyı açtı ve ırmağa baktı. Kayık nerede? diye sordu kızı. Kimse cevap "
        "vermeye cesaret edemedi. Uzaktan kuş sesleri geliyordu ve köprünün üstünde birinin düşürdüğü kırmızı bir "
        "elma vardı."
    ),
    "Lithuanian": (
        "Senas malūnininkas anksti rytą atidarė duris ir pažvelgė į upę. Kur valtis? paklausė jo duktė. Niekas "
        "nedrįso atsakyti. Toli girdėjosi paukščiai, o ant tilto gulėjo raudonas obuolys, kurį kažkas pametė "
        "žolėje tarp šlapių lapų."
    ),
    "Latvian": (
        "Vecais dzirnavnieks agri no rīta atvēra durvis un paskatījās uz upi. Kur ir laiva? jautāja viņa meita. "
        "Neviens neuzdrošinājās atbildēt. Tālumā bija dzirdami putni, un uz tilta gulēja sarkans ābols, ko kāds "
        "bija pazaudējis zālē."
    ),
    "Estonian": (
        "Vana mölder avas varahommikul ukse ja vaatas jõele. Kus on paat? küsis tema tütar. Keegi ei julgenud "
        "vastata. Kaugelt kostis lindude hääli ja sillal lebas punane õun, mille keegi oli märja rohu sisse ära "
        "kaotanud."
    ),
    "Russian": (
        "Старый мельник рано утром открыл дверь и посмотрел на реку. Где лодка? спросила его дочь. Никто не смел "
        "ответить. Вдали слышались птицы, а на мосту лежало красное яблоко, которое кто-то уронил в жёлтую траву."
    ),
    "Ukrainian": (
        "Старий мельник рано вранці відчинив двері й подивився на річку. Де човен? спитала його донька. Ніхто не "
        "наважився відповісти. Вдалині чулися птахи, а на мосту лежало червоне яблуко, яке хтось загубив у жовтій "
        "траві."
    ),
    "Bulgarian": (
        "Старият мелничар рано сутринта отвори вратата и погледна към реката. Къде е лодката? попита дъщеря му. "
        "Никой не смееше да отговори. Отдалеч се чуваха птици, а на моста лежеше червена ябълка, която някой беше "
        "изгубил в тревата."
    ),
    "Greek": (
        "Ο γέρος μυλωνάς άνοιξε νωρίς το πρωί την πόρτα και κοίταξε το ποτάμι. Πού είναι η βάρκα; ρώτησε η κόρη "
        "του. Κανείς δεν τολμούσε να απαντήσει. Από μακριά ακούγονταν πουλιά, και στη γέφυρα βρισκόταν ένα "
        "κόκκινο μήλο."
    ),
    "Hebrew": (
        "הטוחן הזקן פתח בבוקר את הדלת והביט אל הנהר. איפה הסירה? שאלה בתו. איש לא העז לענות. מרחוק נשמעו ציפורים, "
        "ועל הגשר היה מונח תפוח אדום שמישהו איבד בתוך העשב הצהוב. בערב ירד גשם והפנס כבה."
    ),
    "Arabic": (
        "فتح الطحان العجوز الباب في الصباح الباكر ونظر إلى النهر. أين القارب؟ سألت ابنته. لم يجرؤ أحد على الجواب. "
        "ومن بعيد كانت تسمع أصوات الطيور، وعلى الجسر كانت تفاحة حمراء فقدها شخص ما بين الأعشاب."
    ),
    "Thai": (
        "ช่างโม่แก่เปิดประตูแต่เช้าและมองไปที่แม่น้ำ เรืออยู่ที่ไหน ลูกสาวของเขาถาม ไม่มีใครกล้าตอบ "
        "ได้ยินเสียงนกจากที่ไกล และบนสะพานมีแอปเปิลสีแดงที่ใครบางคนทำหายไว้ในหญ้าสีเหลือง"
    ),
    "Japanese": (
        "年をとった粉屋は朝早く戸を開けて、川のほうを見た。舟はどこにあるの、と娘がたずねた。だれも答えようと"
        "しなかった。遠くで鳥の声が聞こえ、橋の上には、だれかが落とした赤いリンゴがひとつ置いてあった。"
    ),
    "Chinese": (
        "老磨坊主一大早打开门，看着河面。船在哪里？他的女儿问。没有人敢回答。远处传来鸟的叫声，桥上放着一个红"
        "苹果，不知道是谁在黄色的草地里丢的。晚上下了雨，灯也灭了，大家都回到了自己的家里。"
    ),
    "traditional Chinese": (
        "老磨坊主一大早打開門，看著河面。船在哪裡？他的女兒問。沒有人敢回答。遠處傳來鳥的叫聲，橋上放著一個紅"
        "蘋果，不知道是誰在黃色的草地裡丟的。晚上下了雨，燈也滅了，大家都回到了自己的家裡。"
    ),
    "Korean": (
        "늙은 방앗간 주인은 아침 일찍 문을 열고 강을 바라보았다. 배는 어디에 있어요? 딸이 물었"
        "다. 아무도 대답하려고 하지 않았다. 멀리서 새소리가 들렸고, 다리 위에는 누군가 잃어버린"
        " 빨간 사과 하나가 놓여 있었다."
    ),
}
"""A paragraph in each of many languages."""


def held(text: str, page: str) -> bool:
    """Whether a code page has all characters of a text."""
    try:
        return text.encode(page).decode(page) == text
    except UnicodeError:
        return False
