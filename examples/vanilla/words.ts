/** Words to suggest, the more common ones first: a short list of what is often spelled to begin with. */
export const WORDS: readonly string[] = (
  'the and you that for with this have from not but what all were when your can there use each which she how their ' +
  'will other about out many then them these some her would make like him into time has look two more write see no ' +
  'way could people my than first water been call who oil its now find long down day did get come made may part over ' +
  'new sound take only little work know place year live back give most very after thing our good man think say great ' +
  'where help through much before line right too mean old any same tell boy follow came want show also around form ' +
  'three small set put end does another well large must big even such because turn here why ask went read need land ' +
  'home us move try kind hand picture again change off play spell air away animal house point page letter mother ' +
  'answer found study still learn should world hello thanks please sorry yes name nice meet friend family father ' +
  'sister brother baby school teacher student deaf hearing sign language alphabet black blue blood blow bland block ' +
  'blanket blanks bread bring love lovely lucky light late left leg yellow young below dog door dad water window ' +
  'Alice Anna Ben Blake Carlos Daniel David Emma Grace Hannah Lily Lydia Laura Liam Maria Olivia Peter Sarah Victor'
).split(' ');
