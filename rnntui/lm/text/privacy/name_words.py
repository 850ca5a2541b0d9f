"""Words that tell names of people: titles, words of speech, articles, frequent first names, in seven languages.

English, German, French, Spanish, Italian, Russian and a few of their neighbours. All in small letters.
"""


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


TITLES = _words("""
mr mrs ms miss mister messrs dr doctor sir madam lady dame captain colonel major professor prof rev reverend
uncle aunt cousin monsieur madame mademoiselle mme mlle herr frau fräulein herrn onkel tante vetter doktor
señor señora señorita don doña sr sra signor signora signorina господин госпожа г-н г-жа дядя тётя
m mm
""")
"""What stands before a name."""
GREETINGS = _words("""
hi hello hey dear dearest hallo liebe lieber liebster liebste moin servus salut bonjour cher chère hola
querido querida
ciao caro cara привет дорогой дорогая
""")
SPEECH = _words("""
said says cried replied answered asked exclaimed whispered shouted muttered laughed smiled returned nodded observed
continued thinks thought wrote writes
sagte fragte rief antwortete erwiderte meinte flüsterte lachte nickte sagt fragt meint schrieb schreibt
dit répondit demanda murmura reprit ajouta répliqua dijo preguntó respondió exclamó contestó disse chiese rispose
domandò esclamò сказал сказала спросил спросила ответил ответила отвечал отвечала крикнул говорил говорила
""")
OF_PEOPLE = _words(
    "had has would could did does didn't couldn't wouldn't doesn't hadn’t didn’t couldn’t wouldn’t doesn’t"
)
"""English words behind a name, which hardly ever stand behind a place."""
ARTICLES = _words("""
the a an this these those every each some any my your his her its our their
der die das den dem des ein eine einen einem einer eines kein keine keinen keinem keiner mein meine meinen
meinem meiner
dein deine deinen sein seine seinen seinem seiner ihr ihre ihren ihrem ihrer unser unsere unseren euer eure
dieser diese
dieses diesen diesem jede jeder jedes jeden zum zur im am vom ins ans beim alle viel mehr welche
le la les l un une des du ce cette ces mon ma mes ton ta tes son sa ses notre nos votre vos leur leurs au aux
el los las una unos unas este esta ese esa mi tu su nuestro nuestra al del lo gli uno il
""")
"""And other words that names hardly ever stand behind."""
OF_PLACES = _words("""
in at near from to towards through across into nach aus bei durch über à en dans vers depuis chez desde hacia hasta da
nel nella verso в из на под около
""")
NO_NAMES = _words("""
i god lord heaven christ jesus bible gott himmel herrgott dieu dios dio бог господи
monday tuesday wednesday thursday friday saturday sunday january february march april june july august september
october november december montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag januar
februar märz mai
juni juli oktober dezember christmas easter weihnachten ostern
english french german italian spanish russian american british irish scottish european latin greek
deutsch englisch französisch italienisch spanisch russisch amerikanisch
mama papa mamma mum dad mother father grandma grandpa mutter vater oma opa maman sister brother
yes no oh ah o ja nein ach oui non sí ok okay well lol
he she it we you they me him her us them who what where when why how and but or if then there here not
er sie es wir ihr du ich man wer was wo wann warum wie und aber oder wenn dann da hier nicht
il elle nous vous je tu qui que él ella yo они он она я мы вы ты кто что
chapter kapitel chapitre capítulo capitolo глава part teil
king queen prince princess king's duke count countess baron baroness general
könig königin prinz prinzessin graf gräfin roi reine rey reina
grüße grüsse gruß gruss regards best love thanks danke kollegen kollege leute freunde freund alle team colleagues all
everyone tochter sohn schwiegersohn frau cousine kusine wirtin zimmer gemahl gemahlin gast ding kind kinder
friends friend damen herren welt world reader leser amis tous todos tutti amigos
system assistant user human bot admin anonymous unknown others deleted
""")
"""Are never taken for names of people."""
FIRST_NAMES = _words("""
james john robert michael william david richard joseph thomas charles christopher daniel matthew anthony donald
steven paul andrew joshua kenneth kevin brian george edward ronald timothy jason jeffrey ryan jacob gary nicholas eric
jonathan stephen larry justin scott brandon benjamin samuel gregory frank alexander raymond patrick jack dennis jerry
tyler aaron jose henry adam douglas nathan peter zachary kyle walter harold ethan jeremy keith roger noah gerald carl
terry sean austin arthur lawrence jesse dylan bryan joe jordan billy bruce albert willie gabriel logan alan juan wayne
roy ralph randy eugene vincent russell elijah louis bobby philip johnny liam oliver lucas mason theo oscar
leo felix max
mary patricia jennifer linda elizabeth barbara susan jessica sarah karen nancy lisa betty margaret sandra ashley
kimberly emily donna michelle carol amanda dorothy melissa deborah stephanie rebecca sharon laura cynthia kathleen amy
angela shirley anna brenda pamela emma nicole helen samantha katherine christine debra rachel carolyn janet catherine
maria heather diane ruth julie olivia joyce virginia victoria kelly lauren christina joan evelyn judith megan andrea
cheryl hannah jacqueline martha gloria teresa ann anne sara madison frances kathryn janice jean abigail alice
julia judy
sophia denise amber doris marilyn danielle beverly isabella theresa diana natalie brittany charlotte marie
kayla alexis
lori lucy jane kate ellen clara ella chloe mia zoe molly nora eva ida ben tom tim jim bob sam nick mike dave dan matt
chris steve tony andy greg jeff josh luke simon neil ian colin graham nigel ivan igor oleg
johann hanna
hans fritz karl klaus heinz günter werner helmut manfred wolfgang jürgen dieter horst uwe bernd rolf gerhard stefan
andreas martin markus matthias jan jonas lukas finn niklas tobias florian sebastian philipp moritz jakob emil anton
johannes friedrich wilhelm heinrich otto hermann ernst kurt ludwig franz josef georg konrad ulrich rainer holger jens
sven lars torsten thorsten ralf olaf heiko marco marcel kai nils henrik ole
ursula ingrid helga renate monika petra sabine gisela claudia susanne birgit heike gabriele brigitte elke karin
angelika martina silke kerstin anja katrin katja tanja sonja nina lena lea leonie johanna greta frieda mathilde
gertrud hildegard elfriede annemarie heidi jutta bärbel antje ulrike anke svenja jana franziska luisa marlene henrike
georgiana louisa harriet henrietta agatha caroline augusta adelaide cornelia edith ethel florence ada beatrice fanny
emily rosamond jemima bertha clarissa cecilia constance eleanor elinor eliza ernestine eugenie gwendolen
ingeborg isolde
edmund edgar herbert hubert percy cecil sidney sydney wilfred godfrey geoffrey hugh basil reginald rupert archibald
alfred alec roderick bartholomew benedict clement cornelius ferdinand frederick frederic leopold lionel montague
sherlock silas tobias ulysses
orla justine luise christel knut joachim minka else ottilie adelheid gisbert detlef volker katharina
magdalena dorothea agnes effi roswitha
pierre jacques françois philippe nicolas antoine guillaume olivier laurent pascal thierry julien mathieu rené andré
gérard bernard alain marcel lucien camille léa manon chloé inès sylvie nathalie isabelle sandrine valérie céline
aurélie margaux élodie
josé antonio manuel francisco javier carlos miguel rafael pedro pablo sergio fernando jorge alberto álvaro diego
carmen josefa isabel dolores pilar lucía elena paula marta cristina rosario inés beatriz
giovanni giuseppe antonio mario luigi francesco angelo vincenzo pietro salvatore paolo giorgio matteo lorenzo giulia
francesca chiara alessandra valentina elisa giovanna lucia rosa
александр сергей дмитрий андрей алексей михаил иван николай владимир евгений павел пётр петр юрий олег игорь анна
мария елена ольга наталья татьяна екатерина ирина светлана юлия анастасия дарья наташа соня пьер
mehmet mustafa ahmet ali hasan hüseyin ayşe fatma emine zeynep mohammed muhammad ahmed omar fatima aisha yusuf ibrahim
""")
"""Taken for names unless the text writes them small."""
