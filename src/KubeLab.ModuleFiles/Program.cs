using System.Xml.Linq;
using KubeLab.ModuleFiles;
using KubeLab.Pipeline;

// Usage: KubeLab.ModuleFiles KubeLab.xml Module/ docs/
// Reads the compiler's documentation file and the documents, and writes the help files and the type data of the module.
var cmdlets = typeof(KlCmdlet).Assembly;
var help = Directory.CreateDirectory(Path.Combine(args[1], "en-US")).FullName;
string Document(string name) => File.ReadAllText(Path.Combine(args[2], name));
Maml.Of(cmdlets, new XmlDocs(XDocument.Load(args[0], LoadOptions.PreserveWhitespace)), KubectlTable.Of(Document("kubectl.md")))
    .Save(Path.Combine(help, "KubeLab.dll-Help.xml"));
// Get-Help looks for about topics beside the manifest.
var about = Directory.CreateDirectory(Path.Combine(args[1], "..", "en-US")).FullName;
foreach (var (name, document) in new[] { ("about_KubeLab", "about.md"), ("about_KubeLab_kubectl", "kubectl.md"), ("about_KubeLab_Offline", "mirror.md") })
    File.WriteAllText(Path.Combine(about, name + ".help.txt"), AboutTopic.Of(name, Document(document)));
TypeData.Of(cmdlets).Save(Path.Combine(args[1], "KubeLab.Types.ps1xml"));
