using System.Xml.Linq;
using KubeLab.Help;
using KubeLab.Pipeline;

// KubeLab.Help KubeLab.xml KubeLab.dll-Help.xml: the compiler's documentation file in, what Get-Help reads out.
var docs = new XmlDocs(XDocument.Load(args[0], LoadOptions.PreserveWhitespace));
Directory.CreateDirectory(Path.GetDirectoryName(args[1])!);
Maml.Of(typeof(KlCmdlet).Assembly, docs).Save(args[1]);
