using System.Xml.Linq;
using KubeLab.ModuleFiles;
using KubeLab.Pipeline;

// Usage: KubeLab.ModuleFiles KubeLab.xml Module/
// Reads the compiler's documentation file and writes the help file and the type data of the module.
var cmdlets = typeof(KlCmdlet).Assembly;
var help = Directory.CreateDirectory(Path.Combine(args[1], "en-US")).FullName;
Maml.Of(cmdlets, new XmlDocs(XDocument.Load(args[0], LoadOptions.PreserveWhitespace))).Save(Path.Combine(help, "KubeLab.dll-Help.xml"));
TypeData.Of(cmdlets).Save(Path.Combine(args[1], "KubeLab.Types.ps1xml"));
