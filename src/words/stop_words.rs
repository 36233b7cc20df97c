//! Words that stand in any question, of each language but English: articles, pronouns, words that ask, forms of `be`.
//!
//! They are folded as words are, sorted, and stand with one blank between them, which takes less room in the program than
//! words by themselves; [`Language`](super::Language) says whose they are. Of scripts without blanks they are pairs of
//! neighbours, as such text is read.

/// Of German.
pub(super) const GERMAN: &str = "\
aber alle allem allen aller alles als also am an ander andere anderen auch auf aus bei beim bin bis \
bist da dabei damit dann das dass dein deine dem den denn der des dich die dies diese diesem diesen \
dieser dieses dir doch dort du durch ein eine einem einen einer eines er es etwa etwas euch fuer fur \
gegen gibt habe haben hat hatte hatten hier hin ich ihm ihn ihnen ihr ihre ihrem ihren ihrer im in \
ist ja jede jeder jedes jetzt kann kannst kein keine keinem keinen keiner koennen konnen man mein \
meine meinem meinen meiner mich mir mit muessen muss mussen nach nicht nichts noch nun nur ob oder \
ohne sehr sein seine seinem seinen seiner sich sie sind so soll sollte sonst uber ueber um und uns \
unser unsere unter vom von vor wann war waren warum was weil welche welchem welchen welcher welches \
wem wen wenn wer werde werden wessen wie wieder will wir wird wo woher wohin worden wozu wurde \
wurden zu zum zur zwischen";

/// Of French.
pub(super) const FRENCH: &str = "\
ai aie au aucun aussi autre aux avait avec avez avoir avons ca car ce ceci cela celle celui ces cet \
cette ceux chaque chez ci combien comme comment dans de des donc dont du elle elles en encore entre \
es est et etaient etait ete etre eu eux faire fait font il ils je la le les leur leurs lors lui ma \
mais me meme mes moi moins mon ne ni nos notre nous on ont ou par pas pendant peut peux plus pour \
pourquoi pres qu quand que quel quelle quelles quels qui quoi sa sans se sera ses si son sont sous \
sur ta te tes toi ton tous tout toute toutes tres tu un une vers vos votre vous y";

/// Of Spanish.
pub(super) const SPANISH: &str = "\
a al algo algun alguna algunas alguno algunos ante antes asi aunque bajo bien cada como con contra \
cual cuales cuando cuanto cuantos de del desde donde dos durante e el ella ellas ellos en entre era \
eran es esa esas ese eso esos esta estan estas este esto estos fue fueron ha han hasta hay he la las \
le les lo los mas me mi mis mucho muy nada ni no nos nosotros o os otra otras otro otros para pero \
poco por porque puede puedo pues que quien quienes se sea segun ser si sido sin sobre son su sus \
tambien tan te tener tengo ti tiene tienen todo todos tu tus u un una unas uno unos usted y ya yo";

/// Of Portuguese.
pub(super) const PORTUGUESE: &str = "\
a ainda algum alguma alguns ao aos aquela aquele aquilo as ate cada com como contra da das de dela \
dele deles depois desde do dos e ela elas ele eles em entre era eram essa essas esse esses esta \
estao estas este estes eu faz fazer foi for foram ha isso isto ja lhe lhes mais mas me mesmo meu \
meus minha minhas muito na nao nas nem no nos nossa nosso num numa o onde os ou para pela pelas pelo \
pelos pode por porque posso pra quais qual quando quanto quantos que quem sao se seja sem ser seu \
seus so sobre sua suas tambem te tem ter teu tinha todas todos tu tua tudo um uma umas uns voce \
voces";

/// Of Italian.
pub(super) const ITALIAN: &str = "\
a ad agli ai al alla alle allo anche ancora avere aveva c che chi ci come con contro cosa cui da \
dagli dai dal dalla dalle degli dei del dell della delle dello di dopo dove e ed era erano essere fa \
fare fra gli ha hai hanno ho i il in io l la le lei li lo loro lui ma me mi mia mie miei mio molto \
ne negli nei nel nell nella nelle no noi non nostra nostro o ogni per perche percio piu posso prima \
puo qual quale quali quando quanti quanto quella quelle quelli quello questa queste questi questo \
qui sara se sei si sia siamo sono sotto sta stato su sua sue sui sul sulla sulle suo suoi te ti tra \
tu tua tuo tutti tutto un una uno vi voi";

/// Of Dutch.
pub(super) const DUTCH: &str = "\
aan al alle als altijd andere ben bent bij daar dan dat de deze die dit doe doen door dus een en er \
gaat ge geen haar had hadden heb hebben heeft hem het hier hij hoe hoeveel hun iets ik in is ja je \
jij jou jouw jullie kan kun kunnen maar mag me meer men met mij mijn moet moeten na naar niet niets \
nog nu of om omdat onder ons onze ook op over te tegen toch toen tot u uit uw van veel voor waar \
waarom wanneer want waren was wat we wel welk welke werd wie wij wil word worden wordt zal ze zelf \
zich zij zijn zo zonder zou";

/// Of Swedish.
pub(super) const SWEDISH: &str = "\
alla allt an andra ar att av bade behover blev bli blir da dar de dem den denna deras dess det detta \
dig din dina ditt du efter eller en ett far finns for fran gor gora ha hade han hans har hela hon \
hur i icke inom inte ja jag kan kunde lite man maste med mellan men mer mig min mina mitt mot mycket \
nagon nagot nagra nar ni nu och om oss over pa sa samma sedan sig sin sina sitt ska skulle som till \
under upp ut utan vad var vara varfor varit varje vart vem vi vid vilka vilken vilket vill";

/// Of Danish.
pub(super) const DANISH: &str = "\
af alle alt andet andre at blev blive bliver da de dem den denne der deres det dette dig din dine \
disse dog du efter eller en end er et fa far for fordi fra gor gore ha han hans har havde hende hun \
hvad hvem hver hvilke hvilken hvilket hvis hvor hvordan hvorfor hvornar i ikke ind jeg jer kan kun \
kunne ma man mange med meget mellem men mig min mine mit mod nar ned nogen noget nogle nu og ogsa om \
op os over pa sa sig sin sine sit skal skulle som til ud uden under vaere vaeret var ved vi vil \
ville";

/// Of Norwegian.
pub(super) const NORWEGIAN: &str = "\
alle alt andre at av bade bare ble bli blir da de deg dem den denne der deres det dette din dine \
disse du eller en enn er et ett etter fa far for fordi fra gjor gjore ha hadde han hans har henne \
hun hva hvem hver hvilke hvilken hvilket hvis hvor hvordan hvorfor i ikke ingen inn jeg kan kunne ma \
man mange med meg mellom men mer min mine mitt mot na nar ned noe noen og ogsa om opp oss over pa sa \
seg selv si sin sine sitt skal skulle slik som til ut uten vaere vaert var ved vi vil ville";

/// Of Finnish.
pub(super) const FINNISH: &str = "\
ei eika ellei en etta ette han hanen hanta he heidan heille ihan itse ja jo joka jonka jos jossa \
jota jotka kaikki kanssa ken kenelta kenen kuin kuinka kuka kun mihin mika miksi milloin mina minka \
minun missa mista mita mitka moni mutta muu muut myos nain naita nama ne niiden niin niita noin nyt \
olemme olen olet oli olivat olla ollut on onko ovat paljon se seka sen siina siis silla sina sinun \
sita sitten tahan tai tama taman tassa tata te tuo vaan vai vaikka vain voi voiko voin voivat yli";

/// Of Polish.
pub(super) const POLISH: &str = "\
a aby albo ale bardzo bedzie bez bo by byc byl byla bylo byly ci co cos czy czyli czym dla dlaczego \
do gdy gdzie go i ich ile im inne ja jak jaka jaki jakie jako je jego jej jesli jest jeszcze juz \
kiedy kto ktora ktore ktory ktorych ku ma mam mi mnie moj moze mozna my na nad nam nas nasz nich nie \
nim niz o od on ona one oni oraz po pod przed przez przy sa sie skad swoj ta tak takze tam te tego \
tej ten tez to tu ty tych tylko tym u w we wiec wszystko z za ze zeby";

/// Of Czech.
pub(super) const CZECH: &str = "\
a aby ale ani ano asi az bez bude budou by byl byla byli bylo byt ci co coz dnes do ho i ja jak jaka \
jake jako jaky je jeho jeji jejich jen jeste jestli jsem jsi jsme jsou jste k kam kde kdo kdy kdyz \
ke kolik ktera ktere ktery ku ma maji mam mame me mezi mi misto mit mne mnou moc muj muze na nad nam \
nas ne nebo neco neni nez nic o od on ona oni ono pak po pod podle pokud pred pres pri pro proc \
proto s se si sve svuj ta tady tak take tam te tedy ten tento teto tim to toho tom tomto tu ty u uz \
v vam vas ve vice vsak z za ze";

/// Of Russian.
pub(super) const RUSSIAN: &str = "\
а без более бы был была были было быть в вам вас весь во вот все всего всех вы где да даже для до \
его ее ей если есть еще ею же за зачем здесь и из или им их к как какая какие каким какое какой \
когда которая которые который кто куда ли либо лишь меня мне может можно мой моя мы на над надо нам \
нас наш не него нее нет ни них но ну о об он она они оно от откуда очень по под пока после потому \
почему при про с сам свои свой себя сколько со так также такой там те тем то того тоже той только \
том ты у уже чего чей чем через что чтобы чье это этого этой этом этот эту я";

/// Of Ukrainian.
pub(super) const UKRAINIAN: &str = "\
а або але без би був була були було бути в вам вас весь ви вона вони воно все всі втім від він де \
для до з за зі й його коли кому котрий крім куди ли лише мене мені ми може можна моя мій на над нам \
нас наш не немає них ні ніж о об один по поки при про під після та так такий також там те теж ти тим \
тих то тобі того тому ту у усі хоч хто це цей цього цьому ця ці чи чий чим чого чому що щоб щось я \
як яка який яких якого якщо які є із їм їх її";

/// Of Greek.
pub(super) const GREEK: &str = "\
αλλα αν απο αυτα αυτη αυτο αυτοι αυτοσ για γιατι δε δεν εγω ειναι εμεισ ενα ενασ εσυ εχει εχουν εχω \
η ηταν θα καθε και κατα κατι μασ με μεσα μετα μη μην μια μου να ο οι ομωσ οπου οπωσ οσο οταν οτι ου \
πιο ποια ποιο ποιοι ποιοσ πολυ ποσα ποσο ποτε που πριν προσ πωσ σαν σασ σε σου στα στη στην στισ στο \
στον στουσ τα τη την τησ τι τισ το τον του τουσ των τωρα υπαρχει χωρισ ωσ";

/// Of Turkish.
pub(super) const TURKISH: &str = "\
acaba ama ancak artik bana bazi belki ben beni benim bir biri birsey biz bize bizim bu buna bunda \
bunu bunun burada cok cunku da daha de degil diye eger en fakat gibi hangi hem hep hepsi her hic \
icin icinde ile ise kac kadar ki kim kime kimin mi mu nasil ne neden nedir neler nerede nereden \
nereye nicin nin niye o olan olarak oldu oldugu olur on ona onlar onu onun sana sen senin sey siz \
sizin sonra su tum var ve veya ya yani yok";

/// Of Romanian.
pub(super) const ROMANIAN: &str = "\
a acea aceasta acel acest aceste acestea acestei acestia acestui ai al ale am are as asta atunci au \
avea ca cand care cat cati ce cea cei cele cine cu cum da daca dar de decat deci despre din doar \
dupa ea ei el ele era este eu face fara fi fie foarte fost i iar ii il imi in insa intre la le li \
lor lui ma mai mea mi mine mult nici nimic noi nu o ori pana pe pentru poate pot prin putea s sa sau \
se si sunt sunteti te ti toate tot toti tu un una unde unei unor unui va voi vor";

/// Of Hungarian.
pub(super) const HUNGARIAN: &str = "\
a ahhoz ahol aki akkor alatt ami amig annak arra at az azert azok azonban azt bar be benne csak de e \
egy egyik el elott elso en ennek es ez ezek ezen ezert ezt fel fol ha hanem hany hogy hogyan hol \
honnan hova ide igen igy is itt jol kell ki kivul kozben kozott le lehet lesz lett ma majd mar mast \
meg mellett mely melyik mert mi miert mik mikor milyen mind mint mit most nagyon ne nekem nem nincs \
o ok ossze ott pedig ra s sajat se sem semmi sok szerint tehat ti tobb ugy uj utan vagy vagyok valo \
van vannak volt voltak";

/// Of Catalan.
pub(super) const CATALAN: &str = "\
a aixi aixo al algun als altra altre altres amb aquest aquesta aquestes aquests be cada com contra d \
de del dels des dona doncs durant el ella ells els en encara entre era eren es esta estan estat et \
fa fan fer fins fou ha han hem hi ho i ja jo l la les li llur me mentre mes meu meva molt molts ni \
no nosaltres o on pel pels per pero perque poc pot puc quan quant quants que qui quin quina quines \
quins s sa sense ser sera seu seus seva si sobre soc son sota sou tambe tan te tenen tinc tot tots \
tu un una unes uns va vaig vos";

/// Of Arabic.
pub(super) const ARABIC: &str = "\
الا التي الذي الذين الي ام اما ان انا انت او اي اين بعد بعض بل به بها بين تكون تلك تم ثم حتي حول حيث \
حين خلال دون ذلك سوف علي عليه عليها عن عند عندما غير في فيه فيها قبل قد كان كانت كل كم كما كيف لا \
لقد لكن لم لماذا لن له لها لهم لي ليس ليست ما ماذا متي مثل مع من منذ منه منها نحن هذا هذه هل هم هن \
هنا هناك هو هي و وقد ولا وهو وهي يا يكون يمكن";

/// Of Hebrew.
pub(super) const HEBREW: &str = "\
אבל או אז אחד אחרי אחת אי איזה איזו איכ אילו אינ איפה אל אלה אמ אנחנו אני אפ אשר את אתה אתמ באמת \
בגלל בינ בכל בלי גמ הוא הזאת הזה היא היה היו הייתה המ הנ הנה הרבה זאת זה זו יותר יכול יש כאנ כאשר \
כבר כדי כי ככ כל כמה כמו כנ לא לאנ לבינ לה להמ לו לי לכ ללא למה לנו לפי לפני מאוד מאיפה מה מול מי מנ \
מתי נגד עד עוד עכשיו על עליו עמ פי רק של שלה שלהמ שלו שלי שלכ שמ";

/// Of Persian.
pub(super) const PERSIAN: &str = "\
از است اما ان انها او ايا اين اينجا اگر با بايد بدون بر براي بسيار به بود بودند بي بين تا تر حتي خود \
در درباره ديگر را روي زير سپس شان شد شده شما شود كجا كدام كرد كردن كرده كس كسي كن كند كنم كنيد كه كي \
ما مثل من مي نمي نه نيز نيست هاي هايي هر هم همان همه همين هنوز هيچ و ولي وي يا يك چرا چند چه چون چيز \
چيست چگونه";

/// Of Hindi.
pub(super) const HINDI: &str = "\
अगर अपना अपनी अपने अब आप आपका इस इसका इसके इसमें इसे उन उनका उनके उस उसका उसके उसे एक ऐसा ऐसे और कई \
कब कभी कर करता करते करना करने करें कहां का कि कितना कितने किया किस किसी की कुछ के को कोई कौन कौनसा \
क्या क्यों गई गए गया जब जहां जा जाता जाती जाते जैसे जो तक तब तो था थी थे दिया दो द्वारा न नहीं ने पर \
फिर बहुत बाद भी मगर मुझे में मेरा मेरी मेरे मैं यदि यह यहां या ये रहा रही रहे लिए लेकिन वह वहां वाला \
वाली वाले वे सकता सकते सब साथ से हम हमारे ही हुआ हुई हुए है हैं हो होता होती होते";

/// Of Bengali.
pub(super) const BENGALI: &str = "\
অথবা অনেক আছে আপনি আমরা আমাদের আমার আমি আর আরও ই উপর এ এই এক একটা একটি এখন এটা এটি এবং এর ও ওই কখন \
কত করতে করা করে করেন কি কিছু কিন্তু কী কীভাবে কে কেউ কেন কোথায় কোন কোনো ছিল জন্য তখন তবে তা তাই \
তাদের তার তারা তিনি তুমি তো থেকে দিয়ে দ্বারা নয় না নাই নিয়ে পর পর্যন্ত পারে বা মতো মধ্যে যখন যদি \
যা যায় যে যেমন সঙ্গে সব সাথে সে সেই হবে হয় হয়ে হয়েছে হল হলো";

/// Of Tamil.
pub(super) const TAMIL: &str = "\
அதன் அது அதை அந்த அவன் அவர் அவர்கள் அவள் ஆக ஆகும் ஆனால் இங்கு இதன் இது இந்த இருந்து இல்லை உள்ள \
உள்ளது எங்கே எது எந்த என என் என்ன என்பது என்று எப்படி எப்போது எல்லா எழுதி எவ்வளவு ஏன் ஒரு கொண்டு \
தான் நான் நாம் நீ நீங்கள் பற்றி பல போது மற்றும் மிக மீது முதல் மேலும் யார் வரை வேண்டும்";

/// Of Thai.
pub(super) const THAI: &str = "\
กับ การ ก็ ขอ ครั ควา คือ จะ จาก จึง ซึ่ง ด้ว ที่ ทํา นั้น นี้ มาก มี ย่าง รับ รือ วย วาม ว่า หรื อง \
อยู่ อย่า อะไร เป็น เพราะ เพื่อ เมื่อ และ แล้ว โดย ใคร ใน ให้ ได้ ไม่ ไร ไหน ไหม";

/// Of Japanese.
pub(super) const JAPANESE: &str = "\
あり ある い いつ いる から こと この これ され した して しま する その それ たい ため だれ って て \
てい でき です では どう どこ どの どれ ない なぜ など なに なり なん には ので のは ます また まで \
もの よう より ると れら れる";

/// Of Chinese.
pub(super) const CHINESE: &str = "\
一个 一些 一個 为什 为何 么是 什么 什麼 他们 他們 以及 但是 你们 你們 几个 可以 哪个 哪些 哪個 哪裡 \
哪里 因为 因為 多少 如何 如果 它们 幾個 怎么 怎样 怎樣 怎麼 我们 我們 所以 是什 是否 有什 沒有 没有 \
為什 為何 的是 自己 請問 请问 还是 这个 这些 這些 這個 還是 那个 那些 那個 麼是";

/// Of Korean.
pub(super) const KOREAN: &str = "\
가장 것 것은 것을 것이 그것 그리 까지 나는 누가 누구 는가 니까 대한 대해 무슨 무엇 및 부터 수 습니 \
어디 어떤 어떻 언제 얼마 없는 없다 에게 에는 에서 왜 우리 으로 은가 이것 이다 인가 있는 있다 하고 \
하나 하는 한다 합니 했다";

/// Of Indonesian.
pub(super) const INDONESIAN: &str = "\
ada adalah agar akan anda antara apa apakah atas atau bagaimana bagi bahwa banyak beberapa berapa \
bila bisa boleh bukan dalam dan dapat dari dengan di dia dimana harus hingga ia ini itu jadi jika \
juga kalau kami kamu kapan karena ke kenapa kepada ketika kita lagi lain lalu lebih maka mana masih \
mengapa mereka milik nya oleh pada para pernah saat saja sama sampai sangat saya sebagai sebelum \
sebuah secara sedang seperti serta setelah setiap siapa suatu sudah supaya tapi telah tentang tetapi \
tidak untuk yaitu yang";

/// Of Vietnamese.
pub(super) const VIETNAMESE: &str = "\
anh ban bang bao bi boi cac cach cai chi cho chua chung co con cua cung da dang dau day de den deu \
di dieu do duoc gi hay hoac hon khi khong la lai lam len luc ma minh moi mot nao nay nen neu ngoai \
nguoi nhu nhung noi o phai qua ra rang rat roi sao sau se tai tat the theo thi toi tren trong truoc \
tu va van vao ve vi viec voi";
