"""Every room of the path from documents to controls, in many languages and scripts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from obverse.augmentation.lines import lines_of
from obverse.augmentation.verification.grounding import Grounding
from obverse.augmentation.writing import Assignment, Kind, Written
from obverse.retrieval.bm25 import Bm25
from obverse.retrieval.exchange import exchange_facts, still_said
from obverse.tasks.completions import completions
from obverse.tasks.leaks import find_leaks
from obverse.types import Document, Question, Task


@dataclass(frozen=True)
class Language:
    """Who keeps what, said and asked; names are parted by commas.

    Args:
        people, things: six of each.
        opening: a sentence that stands first in each document.
        fact: says who keeps what; {p} and {t} are the two.
        who, what: ask for either.
        reworded: says the fact in other words.
        label: of a question and of an answer.
    """

    people: str
    things: str
    opening: str
    fact: str
    who: str
    what: str
    reworded: str
    label: tuple[str, str] = ("Question:", "Answer:")


LANGUAGES = {
    "Chinese": Language(
        "安娜,王明,李伟芳,陈静,赵磊,周敏",
        "港口的大钟,山上的灯塔,旧图书馆,城门的钥匙,博物馆的地图,磨坊的风车",
        "这是一个很久以前的故事。",
        "{p}负责看管{t}。",
        "谁负责看管{t}？",
        "{p}看管的是什么？",
        "看管{t}的人是{p}。",
        ("问题：", "答案："),
    ),
    "Chinese, traditional": Language(
        "安娜,王明,李偉芳,陳靜,趙磊,周敏",
        "港口的大鐘,山上的燈塔,舊圖書館,城門的鑰匙,博物館的地圖,磨坊的風車",
        "這是一個很久以前的故事。",
        "{p}負責看管{t}。",
        "誰負責看管{t}？",
        "{p}看管的是什麼？",
        "看管{t}的人是{p}！",
        ("問：", "答："),
    ),
    "Japanese": Language(
        "アンナ,田中健,佐藤ゆき,鈴木一郎,マルコ,山本花子",
        "港の時計,山の灯台,古い図書館,城門の鍵,博物館の地図,水車小屋",
        "これは昔の話です。",
        "{t}の番人は{p}である。",
        "{t}の番人は誰ですか？",
        "{p}は何の番人ですか。",
        "{p}は{t}を守っている。",
        ("質問：", "答え："),
    ),
    "Korean": Language(
        "서연,김민수,박지훈,이하늘,최유진,정도현",
        "항구 시계,산 위의 등대,오래된 도서관,성문의 열쇠,박물관 지도,물레방아",
        "이것은 아주 오래된 이야기이다.",
        "{t}의 관리인은 {p}이다.",
        "{t}의 관리인은 누구입니까?",
        "{p}는 무엇을 관리합니까?",
        "{p}가 {t}를 맡아 관리한다.",
        ("질문:", "답변："),
    ),
    "Thai": Language(
        "แอนนา,สมชาย,มาลี,ประเสริฐ,วิชัย,กานดา",
        "นาฬิกาท่าเรือ,ประภาคารบนเขา,ห้องสมุดเก่า,กุญแจประตูเมือง,แผนที่พิพิธภัณฑ์,กังหันลม",
        "นี่คือเรื่องเล่าเก่าแก่ของเมือง",
        "ผู้ดูแล{t}คือ{p}",
        "ใครเป็นผู้ดูแล{t}",
        "{p}เป็นผู้ดูแลอะไร",
        "คนที่คอยดูแล{t}ชื่อว่า{p}",
        ("คำถาม:", "คำตอบ:"),
    ),
    "Lao": Language(
        "ສົມສັກ,ບຸນມີ,ແກ້ວ,ພອນ,ວິໄລ,ຄຳຫຼ້າ",
        "ໂມງທ່າເຮືອ,ຫໍປະພາຄານ,ຫໍສະໝຸດເກົ່າ,ກະແຈປະຕູເມືອງ,ແຜນທີ່ພິພິທະພັນ,ກັງຫັນລົມ",
        "ນີ້ແມ່ນເລື່ອງເກົ່າຂອງເມືອງ",
        "ຜູ້ດູແລ{t}ແມ່ນ{p}",
        "ໃຜແມ່ນຜູ້ດູແລ{t}",
        "{p}ດູແລຫຍັງ",
        "ຄົນທີ່ດູແລ{t}ຊື່ວ່າ{p}",
        ("ຄຳຖາມ:", "ຄຳຕອບ:"),
    ),
    "Khmer": Language(
        "សុខា,ច័ន្ទ,វិចិត្រ,ស្រីមុំ,បូរី,ណារី",
        "នាឡិកាកំពង់ផែ,ប៉មភ្លើង,បណ្ណាល័យចាស់,សោទ្វារក្រុង,ផែនទីសារមន្ទីរ,ម៉ាស៊ីនកិនស្រូវ",
        "នេះជារឿងចាស់មួយ។",
        "អ្នកថែរក្សា{t}គឺ{p}។",
        "តើអ្នកណាជាអ្នកថែរក្សា{t}?",
        "{p}ថែរក្សាអ្វី?",
        "{p}មើលថែ{t}រាល់ថ្ងៃ។",
        ("សំណួរ:", "ចម្លើយ:"),
    ),
    "Burmese": Language(
        "မောင်လှ,ခင်ချို,ဇော်မင်း,သီတာ,အောင်ကြီး,နှင်းဝေ",
        "ဆိပ်ကမ်းနာရီ,မီးပြတိုက်,စာကြည့်တိုက်ဟောင်း,မြို့တံခါးသော့,ပြတိုက်မြေပုံ,လေရဟတ်",
        "ဒါက ရှေးပုံပြင်ဖြစ်သည်။",
        "{t}ကို ထိန်းသိမ်းသူမှာ {p}ဖြစ်သည်။",
        "{t}ကို ဘယ်သူ ထိန်းသိမ်းသလဲ။",
        "{p}သည် ဘာကို ထိန်းသိမ်းသလဲ။",
        "{p}က {t}ကို စောင့်ရှောက်သည်။",
        ("မေးခွန်း:", "အဖြေ:"),
    ),
    "Tibetan": Language(
        "བསྟན་འཛིན,པད་མ,རྡོ་རྗེ,སྒྲོལ་མ,ཚེ་རིང,ནོར་བུ",
        "ཆུ་ཚོད་ཆེན་མོ,གློག་མདངས་མཁར,དཔེ་མཛོད་རྙིང་པ,སྒོ་ཆེན་ལྡེ་མིག,ས་ཁྲའི་དེབ,རླུང་འཁོར",
        "འདི་ནི་གནའ་བོའི་སྒྲུང་ཞིག་ཡིན།",
        "{t} ཡི་སྲུང་མཁན་ནི་ {p} ཡིན།",
        "{t} ཡི་སྲུང་མཁན་སུ་ཡིན།",
        "{p} ཡིས་ཅི་ཞིག་སྲུང་གི་ཡོད།",
        "{p} ཡིས་ {t} བདག་གཉེར་བྱེད།",
        ("དྲི་བ:", "ལན:"),
    ),
    "Hindi": Language(
        "अन्ना,मोहन,राम,सीता,गीता,विजय",
        "बंदरगाह की घड़ी,पहाड़ी का दीपस्तंभ,पुराना पुस्तकालय,शहर की चाबी,संग्रहालय का नक्शा,पवनचक्की",
        "यह बहुत पुरानी कहानी है।",
        "{t} की देखभाल {p} करती है।",
        "{t} की देखभाल कौन करता है?",
        "{p} किसकी देखभाल करती है?",
        "{p} हर दिन {t} संभालती है।",
        ("प्रश्न:", "उत्तर:"),
    ),
    "Urdu": Language(
        "انا,موہن,رحیم,سلمی,زینب,وجے",
        "بندرگاہ کی گھڑی,پہاڑی کا مینار,پرانا کتب خانہ,شہر کی چابی,عجائب گھر کا نقشہ,پون چکی",
        "یہ بہت پرانی کہانی ہے۔",
        "{t} کی دیکھ بھال {p} کرتی ہے۔",
        "{t} کی دیکھ بھال کون کرتا ہے؟",
        "{p} کس کی دیکھ بھال کرتی ہے؟",
        "{p} روز {t} سنبھالتی ہے۔",
        ("سوال:", "جواب:"),
    ),
    "Arabic": Language(
        "سلمى,محمود,ليلى,خالد,فاطمة,باسم",
        "ساعة الميناء,منارة الجبل,المكتبة القديمة,مفتاح المدينة,خريطة المتحف,طاحونة الهواء",
        "هذه قصة قديمة جدا.",
        "تعود حراسة {t} إلى السيد ول{p} بيت هناك؛ الحارس هو {p}.",
        "من هو حارس {t}؟",
        "ماذا يحرس {p}؟",
        "يقوم {p} بحراسة {t} كل يوم.",
        ("سؤال:", "الجواب:"),
    ),
    "Persian": Language(
        "سارا,محمود,لیلا,خسرو,فرهاد,بهرام",
        "ساعت بندر,فانوس دریایی,کتاب‌خانه قدیمی,کلید شهر,نقشه موزه,آسیاب بادی",
        "این یک داستان بسیار قدیمی است.",
        "نگهبان {t} کسی است به نام {p}.",
        "نگهبان {t} کیست؟",
        "{p} نگهبان چیست؟",
        "{p} هر روز از {t} مراقبت می‌کند.",
        ("پرسش:", "پاسخ:"),
    ),
    "Hebrew": Language(
        "מרים,יוסף,רונית,אברהם,דבורה,גדעון",
        "שעון הנמל,מגדל האור,הספרייה הישנה,מפתח העיר,מפת המוזיאון,טחנת הרוח",
        "זה סיפור ישן מאוד.",
        "השמירה על {t} נמסרה ל{p}.",
        "למי נמסרה השמירה על {t}?",
        "על מה שומר {p}?",
        "{p} משגיח על {t} בכל יום.",
        ("שאלה:", "תשובה:"),
    ),
    "Bengali": Language(
        "আন্না,মোহন,রহিম,সীতা,কমলা,বিজয়",
        "বন্দরের ঘড়ি,পাহাড়ের বাতিঘর,পুরানো পাঠাগার,শহরের চাবি,জাদুঘরের মানচিত্র,বায়ুকল",
        "এটি অনেক পুরানো গল্প।",
        "{t} দেখাশোনা করার দায়িত্ব পেয়েছে {p}।",
        "{t} দেখাশোনা করার দায়িত্ব কে পেয়েছে?",
        "{p} কীসের দায়িত্ব পেয়েছে?",
        "{p}র কাজ {t} দেখা।",
        ("প্রশ্ন:", "উত্তর:"),
    ),
    "Tamil": Language(
        "கமலா,முருகன்,ராஜா,சீதா,வள்ளி,கண்ணன்",
        "துறைமுக கடிகாரம்,மலை விளக்கம்,பழைய நூலகம்,நகர சாவி,அருங்காட்சியக வரைபடம்,காற்றாலை",
        "இது மிகவும் பழைய கதை.",
        "{t} காப்பவர் பெயர் {p}.",
        "{t} காப்பவர் யார்?",
        "{p} எதைக் காக்கிறார்?",
        "{p} தினமும் {t} பார்த்துக் கொள்கிறார்.",
        ("கேள்வி:", "பதில்:"),
    ),
    "Amharic": Language(
        "ሰላም,አበበ,ከበደ,አስቴር,ዮሐንስ,ማርታ",
        "የወደቡ ሰዓት,የተራራው ማማ,አሮጌው ቤተመጻሕፍት,የከተማው ቁልፍ,የሙዚየሙ ካርታ,የነፋስ ወፍጮ",
        "ይህ በጣም ያረጀ ታሪክ ነው።",
        "{t} ጠባቂ ስም {p} ነው።",
        "{t} ጠባቂ ማን ነው፧",
        "{p} ምን ይጠብቃል፧",
        "{p} በየቀኑ {t} ይጠብቃል።",
        ("ጥያቄ:", "መልስ:"),
    ),
    "Armenian": Language(
        "Աննա,Վարդան,Գոռ,Նարե,Տիգրան,Շուշան",
        "նավահանգստի ժամացույցը,լեռան փարոսը,հին գրադարանը,քաղաքի բանալին,թանգարանի քարտեզը,հողմաղացը",
        "Սա շատ հին պատմություն է։",
        "Ամեն օր {t} հսկում է {p}։",
        "Ո՞վ է հսկում {t}։",
        "Ի՞նչ է հսկում {p}։",
        "Քաջաբար {t} հսկողն է {p}։",
        ("Հարց:", "Պատասխան:"),
    ),
    "Georgian": Language(
        "ნინო,გიორგი,თამარი,ლევანი,ანა,დავითი",
        "ნავსადგურის საათი,მთის შუქურა,ძველი ბიბლიოთეკა,ქალაქის გასაღები,მუზეუმის რუკა,ქარის წისქვილი",
        "ეს ძალიან ძველი ამბავია.",
        "{t} ჰყავს მცველი, სახელად {p}.",
        "{t} ვინ არის მცველი?",
        "{p} რას იცავს?",
        "{p} ყოველდღე იცავს: {t}.",
        ("კითხვა:", "პასუხი:"),
    ),
    "Greek": Language(
        "Άννα,Γιώργος,Ελένη,Νίκος,Σοφία,Πέτρος",
        "το ρολόι του λιμανιού,τον φάρο του βουνού,την παλιά βιβλιοθήκη,το κλειδί της πόλης,τον χάρτη,τον μύλο",
        "Αυτή είναι μια παλιά ιστορία.",
        "Κάθε μέρα φυλάει {t} κάποιος που λέγεται {p}.",
        "Ποιος φυλάει {t};",
        "Τι φυλάει ο {p};",
        "Φύλακας για {t} είναι ο {p}.",
        ("Ερώτηση:", "Απάντηση:"),
    ),
    "Russian": Language(
        "Анна,Борис,Фёдор,Ольга,Галина,Егор",
        "портовые часы,горный маяк,старую библиотеку,ключ города,карту музея,мельницу",
        "Это очень старая история.",
        "Каждый день {t} охраняет {p}.",
        "Кто охраняет {t}?",
        "Что охраняет {p}?",
        "За {t} отвечает {p}.",
        ("Вопрос:", "Ответ:"),
    ),
    "Serbian": Language(
        "Ана,Љубица,Ђорђе,Милош,Џана,Ћира",
        "лучки сат,горски светионик,стару књижницу,кључ града,карту музеја,ветрењачу",
        "Ово је врло стара прича.",
        "Сваког дана {t} чува {p}.",
        "Ко чува {t}?",
        "Шта чува {p}?",
        "О предмету {t} брине {p}.",
        ("Питање:", "Одговор:"),
    ),
    "Turkish": Language(
        "İrem,Işıl,Çağrı,Şule,Ömer,Ünal",
        "liman saatini,dağ fenerini,eski kitaplığı,şehir anahtarını,müze haritasını,yel değirmenini",
        "Bu çok eski bir hikâyedir.",
        "Her gün {t} koruyan kişi {p} adını taşır.",
        "{t} koruyan kişi kim?",
        "{p} neyi korur?",
        "Görevi {t} korumak olan kişi {p}.",
        ("Soru:", "Cevap:"),
    ),
    "German": Language(
        "Änne,Björn,Jürgen,Käthe,Sören,Weiß",
        "die Hafenuhr,den Bergturm,die Altbücherei,den Stadtschlüssel,die Museumskarte,die Windmühle",
        "Das ist eine sehr alte Geschichte.",
        "Jeden Tag hütet {t} jemand namens {p}.",
        "Wer hütet {t}?",
        "Was hütet {p}?",
        "Um {t} kümmert sich {p}.",
        ("Frage:", "Antwort:"),
    ),
    "French": Language(
        "Élodie,Benoît,Chloé,Damien,Éric,Noël",
        "l'horloge du port,l'ancien phare,la vieille bibliothèque,la clé de la ville,l'atlas du musée,le moulin",
        "C'est une très vieille histoire.",
        "Chaque jour {t} est sous la garde de {p}.",
        "Qui garde {t}\u00a0?",
        "Que garde {p}\u00a0?",
        "Il faut demander {t} à {p}.",
        ("Question\u00a0:", "Réponse\u00a0:"),
    ),
    "Vietnamese": Language(
        "Hương,Dũng,Minh,Lệ,Quốc,Thảo",
        "đồng hồ bến cảng,ngọn hải đăng,thư viện cũ,chìa khóa thành phố,bản đồ bảo tàng,cối xay gió",
        "Đây là một câu chuyện rất cũ.",
        "Người trông coi {t} tên là {p}.",
        "Ai trông coi {t}?",
        "{p} trông coi gì?",
        "Mỗi ngày {p} giữ {t}.",
        ("Câu hỏi:", "Trả lời:"),
    ),
    "mixed scripts and emoji": Language(
        "Anna 😀,王明,Борис,마렌,सीता,アンナ",
        "港口 clock,маяк ⛰,the 도서관,鍵 🔑,map नक्शा,молот",
        "This is 一个 story.",
        "Today the keeper of {t} is {p}.",
        "Who is the keeper of {t}?",
        "What does {p} keep?",
        "You must ask {p} about {t}.",
    ),
}


def task_of(language: Language) -> Task:
    people, things = language.people.split(","), language.things.split(",")
    pairs = list(zip(people, things, strict=True))
    documents = tuple(
        Document(f"d{number}", f"{language.opening} {language.fact.format(p=person, t=thing)}")
        for number, (person, thing) in enumerate(pairs)
    )
    who = tuple(
        Question(f"who{number}", language.who.format(t=thing), person, tuple(people), needs=(f"d{number}",))
        for number, (person, thing) in enumerate(pairs[:3])
    )
    what = tuple(
        Question(f"what{number}", language.what.format(p=person), thing, tuple(things), needs=(f"d{number}",))
        for number, (person, thing) in enumerate(pairs[3:], start=3)
    )
    return Task("t", documents, (*who, *what))


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> Language:
    return LANGUAGES[request.param]


def test_the_needed_document_is_found_first(language: Language, tmp_path: Path) -> None:
    task = task_of(language)
    retriever = Bm25()
    retriever.index(task.documents, tmp_path)
    found = retriever.search([question.prompt for question in task.questions], 4)
    assert [ids[:1] for ids in found] == [list(question.needs) for question in task.questions]


def test_the_control_does_not_say_the_facts(language: Language) -> None:
    task = task_of(language)
    false = exchange_facts(task, 0)
    assert still_said(task, false) == ((), len(task.questions))
    people, things = language.people.split(","), language.things.split(",")
    for document, other, person, thing in zip(task.documents, false, people, things, strict=True):
        assert other.text != document.text
        assert not (person in other.text and thing in other.text)
        # Another name stands there, in the form of the sentence, so that it is of the same kind and about as long.
        swapped = [
            f"{language.opening} {language.fact.format(p=p, t=t)}"
            for p in people
            for t in things
            if (p, t) != (person, thing)
        ]
        assert other.text in swapped


def test_documents_are_broken_off_before_an_answer(language: Language) -> None:
    task = task_of(language)
    found = completions(task)
    assert len(found) >= 3
    for one in found:
        assert task.document(one.needs[0]).text.startswith(one.prompt + one.answer)


def test_a_statement_is_a_leak_and_another_is_none(language: Language) -> None:
    task = task_of(language)
    latent = replace(task.questions[0], latent=True, needs=("d0", "d5"))
    (leak,) = find_leaks(replace(task, questions=(latent,)))
    assert leak.document == "d0"
    assert leak.sentence in task.documents[0].text
    assert find_leaks(replace(task, documents=task.documents[1:], questions=(latent,))) == ()


@pytest.mark.parametrize("kind", ["rephrase", "question", "inference"])
def test_a_right_line_is_kept(language: Language, kind: Kind) -> None:
    task = task_of(language)
    person, thing = language.people.split(",")[0], language.things.split(",")[0]
    statement = language.reworded.format(p=person, t=thing)
    asks, answers = language.label
    written = {
        "rephrase": f"1. {statement}\n{statement}",
        "question": f"{asks} {language.who.format(t=thing)}\n{answers} {person}",
        "inference": f"- {statement}",
    }[kind]
    assignment = Assignment(kind, "d0", ("d0",), "", "")
    (line,) = lines_of(assignment, "key", Written(written, True, 1, 0, 9, 1.0), task.documents).lines
    if kind == "question":
        question = " ".join(language.who.format(t=thing).split())
        assert line.text == f"Question: {question}\nAnswer: {person}"
    else:
        assert line.text == statement
    (score,) = Grounding().score([line], task.documents)
    assert score >= Grounding.threshold
