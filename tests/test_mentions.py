"""What a suggestion names: places, numbers, asks; on sentences of our own."""

from __future__ import annotations

import json
import timeit
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.text import Segmenter
from triage.text.actions import actions, are_opposite
from triage.text.mentions import READ, Mentions, find_mentions
from triage.text.numerals import value_of

SEGMENTER = Segmenter()

# A sentence | its places as kind:name. All names are invented or ordinary; no place means that nothing is named.
PLACES = """
关于打通文昌路断头路的建议|road:文昌路
关于拓宽青云大道与梧桐街交叉口的建议|road:青云大道 road:梧桐街
关于在建设路中段增设人行横道的提案|road:建设路
解放南路积水严重，雨天无法通行|road:解放南路
请尽快修复八一路破损路面|road:八一路
关于加快338省道柳树坪段改造的建议|road:S338
关于G15高速增设出入口的建议|road:G15
环城北路与三环路之间的路段夜间没有路灯|road:环城北路 road:三环路
关于修建农村道路的建议|
关于加强背街小巷整治的建议|
关于提升我市城市道路通行能力的提案|
关于治理高速公路噪声扰民的建议|
槐荫巷占道经营问题|road:槐荫巷
经十路公交专用道被占用|road:经十路
关于中山东一路禁止货车通行的建议|road:中山东一路
学府路和育才街上下学时段拥堵|road:学府路 road:育才街
关于完善慢行道和绿道系统的建议|
这条路坑坑洼洼，出行不便|
关于延长和平大街的建议|road:和平大街
长安街西延线绿化带需要补种|road:长安街
滨湖大道非机动车道被停车占用|road:滨湖大道
请在金水路口安装红绿灯|road:金水路
关于尽快开通滨江快速路的建议|road:滨江快速路
通往火车站的道路狭窄|
西二环高架桥下卫生脏乱|bridge:西二环高架桥
关于重建枫桥的建议|bridge:枫桥
关于加固龙口大桥的建议|bridge:龙口大桥
关于在城区增建人行天桥的建议|
银河立交桥匝道拥堵|bridge:银河立交桥
关于对农村危桥进行改造的提案|
云岭镇上坪村饮水困难|town:云岭镇 village:上坪村
关于解决石门乡道路硬化问题的建议|town:石门乡
东湾村委会门口的路灯坏了|village:东湾村
关于美丽乡村建设的建议|
各村应设置垃圾分类点|
建议支持李家庄村发展大棚蔬菜|village:李家庄村
关于城中村改造的提案|
关于对大王屯进行整村搬迁的建议|village:大王屯
关于加强乡镇卫生院人才队伍建设的建议|
关于将下河村纳入乡村振兴示范点的建议|village:下河村
河西街道老旧小区多，停车难|street:河西街道
请永宁街道办事处督促物业整改|street:永宁街道
城关镇集镇污水直排|town:城关镇
双桥镇中心街道路破损|town:双桥镇
关于支持山区村集体经济发展的建议|
翠竹社区缺少养老服务设施|community:翠竹社区
建国社区居委会房屋漏雨|community:建国社区
关于加强社区治理的建议|
关于推进老旧小区加装电梯的建议|
金色家园小区二期消防通道被占|estate:金色家园
阳光花园3号楼电梯经常停运|estate:阳光花园
我们是碧桂园天玺湾小区的业主|estate:碧桂园天玺湾
恒源新村下水道堵塞|estate:恒源新村
水岸名都小区周边没有公交|estate:水岸名都
翰林府业主反映房屋质量问题|estate:翰林府
万和城三期延期交房|estate:万和城
纺织厂家属院没有集中供暖|estate:纺织厂家属院
御景苑一期物业不作为|estate:御景苑
关于规范小区物业管理的建议|
关于解决安置小区办证难的建议|
梧桐苑东门外夜间噪音大|estate:梧桐苑
关于扩建城南小学的建议|school:城南小学
关于在开发区新建一所小学的建议|
县第二中学门前道路拥堵|school:第二中学
市实验小学周边托管班无证经营|school:实验小学
关于城东新区配建幼儿园的建议|district:城东新区
关于中小学课后服务的建议|
育英学校初中部学位紧张|school:育英学校
江州大学南门人流密集|school:江州大学
关于加强高校毕业生就业服务的建议|
红旗路小学分校何时开学|school:红旗路小学
区一中宿舍条件差|school:一中
关于为乡村学校配备心理教师的建议|
第三幼儿园门口没有斑马线|school:第三幼儿园
县人民医院停车位不足|hospital:人民医院
市第一人民医院东院区挂号难|hospital:第一人民医院
建议恢复云岭镇卫生院夜间急诊|town:云岭镇 hospital:云岭镇卫生院
关于提高基层医院服务能力的建议|
仁济医院门口黑车揽客|hospital:仁济医院
关于建设县级公立医院的建议|
请增加到市中医院的公交线路|hospital:中医院
关于搬迁南门农贸市场的建议|market:南门农贸市场
关于规范农贸市场管理的建议|
万达广场周边交通混乱|market:万达广场
人民广场广场舞扰民|market:人民广场
红星批发市场消防隐患突出|market:红星批发市场
关于培育夜间经济和夜市的建议|
永辉超市门前乱停车|market:永辉超市
关于提升西山公园设施的建议|park:西山公园
关于建设口袋公园的建议|
南湖湿地公园步道破损|park:南湖湿地公园
城市公园厕所少|
关于在碧水公园增设健身器材的提案|park:碧水公园
关于治理洪河污染的建议|water:洪河
清水河河道淤积，请疏浚|water:清水河
关于加强龙潭水库水源地保护的建议|water:龙潭水库
关于农村河道清淤的建议|
镜湖周边夜间照明不足|water:镜湖
关于推行河长制的建议|
请在文化宫站增设电梯|station:文化宫站
地铁2号线人民广场站出口拥挤|station:人民广场站
关于优化高铁站接驳的建议|
江州南站出租车排队时间长|station:江州南站
关于搬迁汽车站的建议|
北苑路公交站没有站台|road:北苑路
关于增设公交站的建议|
河口收费站经常堵车|station:河口收费站
宏达化工厂排放刺鼻气味|company:宏达化工厂
永兴水泥厂扬尘扰民|company:永兴水泥厂
反映江州市公交公司拖欠工资|city:江州市 company:江州市公交公司
关于支持民营企业发展的建议|
华润燃气公司收费不合理|company:华润燃气公司
某某公司拖欠农民工工资|
关于保护白塔寺的建议|scenic:白塔寺
云台山景区门票过高|scenic:云台山景区
关于开发古城旅游的建议|
李公祠堂年久失修|scenic:李公祠堂
青龙古镇商业化严重|scenic:青龙古镇
关于支持江州市创建文明城市的建议|city:江州市
云阳县交通闭塞|district:云阳县
关于加快高新区配套建设的建议|
滨海新区管委会|district:滨海新区
关于推进城东片区开发的建议|area:城东
关于落实五水共治的建议|
关于深入实施一带一路倡议的建议|
关于发展夜间经济的建议|
关于完善网上办事思路的建议|
关于加强三农工作的建议|
关于减轻中小学生课业负担的建议|
关于加强未成年人保护的建议|
关于规范电动自行车管理的建议|
关于推进居家养老服务中心建设的建议|
关于推广新能源汽车充电桩的建议|
关于提高城乡居民基本养老金的建议|
关于管好校门口小餐桌食品安全的建议|
关于加快我区工业园区建设的建议|
关于建设足球场的建议|
关于村村通公交的建议|
关于开展全市集贸市场环境整治的建议|
关于解决大型超市停车收费的建议|
关于城市内河治理的提案|
关于保障农民工工资支付的建议|
我住在江州市青山区锦绣华庭小区5栋，楼下烧烤店营业到凌晨。|city:江州市 district:青山区 estate:锦绣华庭
家住龙泉镇柏树村三组，通组路一直没有硬化，希望镇政府尽快安排。|town:龙泉镇 village:柏树村
每天早晚高峰，朝阳路与工农路交叉口没有左转信号灯，建议交警部门增设。|road:朝阳路 road:工农路
我是一名出租车司机，希望在火车站广场增加候客区。|
白鹭湖公园到市体育馆之间没有公交车，盼开通。|park:白鹭湖公园 station:体育馆
孩子在星河小学读三年级，学校食堂饭菜质量差。|school:星河小学
关于修缮老城区古井巷的建议|road:古井巷
关于对沿江路实行单向通行的建议|road:沿江路
振兴大街井盖缺失|road:振兴大街
关于在X203县道安装护栏的建议|road:X203
关于完善城区路网的建议|
丰泽路北侧垃圾堆放点异味大|road:丰泽路
昆仑大道限速过低|road:昆仑大道
关于打造步行街的建议|
关于保留老码头的建议|
青枫大桥何时通车|bridge:青枫大桥
石墙村通村公路塌方|village:石墙村
关于松林镇污水处理厂提标改造的建议|town:松林镇 station:松林镇污水处理厂
建议新建镇敬老院|
梅溪乡中心校教师短缺|town:梅溪乡
兴隆街道杨柳社区消防栓无水|street:兴隆街道 community:杨柳社区
关于将白庙村划入城区的建议|village:白庙村
和谐家园业主要求成立业委会|estate:和谐家园
紫薇苑小区高空抛物|estate:紫薇苑
保利香槟花园外墙脱落|estate:保利香槟花园
凯旋国际三期学区划分|estate:凯旋国际
江湾城一期停车费上涨|estate:江湾城
关于老旧小区引入物业的建议|
化肥厂宿舍煤改气|estate:化肥厂宿舍
向阳小学操场扬尘|school:向阳小学
市三中校门口减速带|school:三中
关于在城北新建高中的提案|area:城北
职业技术学院路口危险|
明德实验学校收费高|school:明德实验学校
关于增加公办幼儿园学位的建议|
县妇幼保健院搬迁|hospital:妇幼保健院
康宁医院夜间噪声|hospital:康宁医院
关于提升乡镇卫生院服务能力的建议|
关于取缔马路市场的建议|
东升菜市场污水横流|market:东升菜市场
大润发超市停车收费|market:大润发超市
关于扩建烈士陵园的建议|
凤凰山公园路灯不亮|park:凤凰山公园
金沙江沿岸绿化|water:金沙江
关于实施水库除险加固的建议|
小清河黑臭|water:小清河
石泉水库禁止钓鱼|water:石泉水库
江州东站地下停车场|station:江州东站
关于新建公交首末站的建议|
请在柳林路站加开末班车|station:柳林路站
顺达物流公司大货车夜间鸣笛|company:顺达物流公司
金鑫铸造厂粉尘|company:金鑫铸造厂
关于支持农业龙头企业的建议|
大佛寺周边环境整治|scenic:大佛寺
关于加强文物古迹保护的建议|
临江市人民政府|city:临江市
关于发展全域旅游的建议|
关于创建国家森林城市的建议|
家住平安里小区，门口的建业路天天堵车，孩子在光华中学上学不便。|estate:平安里 road:建业路 school:光华中学
关于在省道沿线建设服务区的建议|
望月湖水质恶化|water:望月湖
关于推进城市更新的建议|
石井镇至云岭镇的公交班次太少|town:石井镇 town:云岭镇
投诉鑫源小区对面工地夜间施工|estate:鑫源小区
宁海路街道便民服务中心排队|street:宁海路街道
关于加强工业园区企业监管的建议|
关于尽快打通振华路与东风街连接线的建议|road:振华路 road:东风街
关于缓解儿童医院周边停车难的建议|
松花路两旁梧桐树遮挡路灯|road:松花路
关于完善机场路绿化的提案|road:机场路
关于将五里坡路纳入市政养护的建议|road:五里坡路
关于国道G318线塌方路段治理的建议|road:G318
兴业路与创业大道之间公交站太远|road:兴业路 road:创业大道
请修复葛家沟村到镇上的公路|village:葛家沟村
关于在香樟大道设置电动车充电点的建议|road:香樟大道
关于治理校门口交通拥堵的建议|
关于加宽石拱桥的建议|
关于修建跨河大桥的建议|
渭水大桥限载过严|bridge:渭水大桥
关于沙坪村饮水安全工程的建议|village:沙坪村
关于恢复柏林镇逢集日班车的建议|town:柏林镇
泉沟乡党委换届|town:泉沟乡
关于扶持大坝村茶叶合作社的建议|village:大坝村
建议加大对边远乡村教师的补贴|
凤鸣街道综合养老服务中心何时启用|street:凤鸣街道
关于提升社区食堂质量的建议|
玉兰社区楼道堆物|community:玉兰社区
天鹅湖小区北门垃圾房臭气熏天|estate:天鹅湖小区
尚品国际小区群租现象严重|estate:尚品国际
丽景花园业主委员会选举不公|estate:丽景花园
关于既有住宅加装电梯补贴标准的建议|
龙湖天街停车场出口拥堵|market:龙湖天街
滨河小区4栋2单元漏水|estate:滨河小区
云麓公馆一期绿化被毁|estate:云麓公馆
关于调整育红小学学区范围的建议|school:育红小学
第七中学体育馆对外开放|school:第七中学
关于禁止学校强制购买校服的建议|
金苹果幼儿园收费不透明|school:金苹果幼儿园
建议在师范大学附近设置过街天桥|
关于在西部新城建设三甲医院的提案|
中心医院急诊排队时间长|
市传染病医院选址不当|hospital:传染病医院
同济医院分院建设进度慢|hospital:同济医院
关于规范药店经营的建议|
花鸟市场占道|
沙河集贸市场消防隐患|market:沙河集贸市场
新世纪购物中心电梯故障|market:新世纪购物中心
关于提升街头游园品质的建议|
森林公园门票太贵|
白云山森林公园停车难|park:白云山森林公园
关于保护母亲河的建议|
浑河沿岸钓鱼|water:浑河
青龙河大桥段护栏缺失|bridge:青龙河大桥
关于加强湖泊生态保护的建议|
丹霞湖开放游泳|water:丹霞湖
关于优化12路公交线路的建议|
地铁3号线沙河口站扶梯坏了|station:沙河口站
关于在北站增设出租车通道的建议|
垃圾焚烧厂臭味扰民|
东泰纺织厂拖欠社保|company:东泰纺织厂
中国移动公司乱扣费|company:中国移动公司
关于保护古建筑群的建议|
普陀寺停车场乱收费|scenic:普陀寺
关于推进沿江风景带建设的建议|
关于加快县城扩容的建议|
平川县柏林镇沙坪村五组断水三天|district:平川县 town:柏林镇 village:沙坪村
关于加大对革命老区支持力度的建议|
关于推进长三角一体化的建议|
关于全面推行河湖长制的提案|
关于推动县域经济高质量发展的建议|
关于在桃园路与新民街路口施划黄色网格线的建议|road:桃园路 road:新民街
关于改善东环路交通秩序的提案|road:东环路
关于整治火车站周边环境的建议|
科技大道绿化带遮挡视线|road:科技大道
请求硬化马坊村三社入户路|village:马坊村
关于把青年湖打造成市民休闲区的建议|water:青年湖
投诉悦湖山庄小区物业乱收费|estate:悦湖山庄
关于白云街道增设社区食堂的建议|street:白云街道
金鼎花园地下室积水|estate:金鼎花园
九龙江入海口垃圾漂浮|water:九龙江
关于规范共享单车停放的建议|
关于加快新港大桥建设进度的建议|bridge:新港大桥
关于设立丰山镇派出所的建议|town:丰山镇
关于桂林路小学扩招的建议|school:桂林路小学
关于解决城镇低收入家庭住房困难的建议|
永福寺门前乱摆摊|scenic:永福寺
关于加大对独居老人关爱的建议|
上河湾社区楼道灯不亮|community:上河湾社区
请给杨家屯通自来水|village:杨家屯
关于改造鼓楼农贸市场的建议|market:鼓楼农贸市场
关于打造特色小镇的建议|
红旗化肥厂旧址闲置|company:红旗化肥厂
市第五中学学生宿舍老旧|school:第五中学
关于支持乡村幼儿园建设的建议|
湖心岛公园夜间照明|park:湖心岛公园
关于修建马家沟水库的建议|water:马家沟水库
碧云天小区7栋噪音|estate:碧云天小区
关于加强农村客运车辆监管的建议|
建议G45大广高速大营子出口加宽|road:G45
青石桥街违章搭建|road:青石桥街
区中医医院药价高|hospital:中医医院
关于优化政务服务大厅窗口设置的建议|
翠屏区老年大学招生名额少|district:翠屏区 school:翠屏区老年大学
北湖新区学校配套滞后|district:北湖新区
关于推动文旅融合发展的建议|
东方红水电站生态流量不足|station:东方红水电站
乌江沿线砂场整治|water:乌江
绿地世纪城一期加装充电桩|estate:绿地世纪城
小井村到县城的班车停运|village:小井村
关于在玉泉路设置学生专用通道的建议|road:玉泉路
关于畅通城市微循环的建议|
关于把乡村公路纳入养护范围的建议|
文汇街与书院路交会处事故多发|road:文汇街 road:书院路
关于加快县道X012改造的建议|road:X12
关于取消黄河大街中间护栏的建议|road:黄河大街
关于降低铁路噪声的建议|
恳请修通石门村至双河村的断头路|village:石门村 village:双河村
马鞍山村集中供水点损坏|village:马鞍山村
关于支持金沟镇建设冷库的建议|town:金沟镇
关于解决合并村干部待遇的建议|
松涛街道多处窨井盖松动|street:松涛街道
关于开展城乡环境整治的建议|
芙蓉社区党群服务中心启用|community:芙蓉社区
关于推进智慧社区建设的提案|
水榭花都小区夜间施工扰民|estate:水榭花都
中央公馆业主投诉精装修质量|estate:中央公馆
书香苑5幢外墙渗水|estate:书香苑
关于提高业主大会决策效率的建议|
关于在北城新区建设高级中学的建议|district:北城新区
实验二小门口堵车|school:实验二小
新华小学操场改造|school:新华小学
关于减少学校非教学任务的建议|
市儿童福利院护工不足|hospital:儿童福利院
惠民医院医保报销窗口少|hospital:惠民医院
关于推动医院检查结果互认的建议|
关于整治东街口农贸市场的建议|market:东街口农贸市场
世纪广场夜间音响扰民|market:世纪广场
关于增加公园儿童游乐设施的建议|
莲花山公园公厕关闭|park:莲花山公园
关于修复沱江湿地生态的建议|park:沱江湿地
白水河非法采砂|water:白水河
关于建立湿地补偿机制的建议|
地铁5号线会展中心站换乘标识不清|station:会展中心站
关于完善高速服务区充电设施的建议|
长河西站晚间无公交|station:长河西站
福瑞食品厂排放油烟|company:福瑞食品厂
关于清理僵尸企业的建议|
关于打造青云山旅游品牌的建议|scenic:青云山
清凉寺旁停车场收费高|scenic:清凉寺
关于保护传统村落的建议|
东城区老旧小区改造进度慢|district:东城区
关于设立安平市融资担保公司的建议|city:安平市
关于加快补齐农村基础设施短板的建议|
每逢赶集日，石桥镇老街两边摆满摊位|town:石桥镇
关于发展壮大村级集体经济的建议|
关于降低企业用电成本的建议|
投诉海棠路21号烧烤店油烟|road:海棠路
香江花城二期绿化养护差|estate:香江花城
关于加强河湖岸线管理的建议|
关于在兴华街设置护学岗的建议|road:兴华街
关于完善枫林路排水设施的提案|road:枫林路
望城大道与湘江路交叉口左转时间太短|road:望城大道 road:湘江路
关于开展道路白改黑工程的建议|
关于尽早开工建设沿山公路的建议|road:沿山公路
虹桥路老旧电缆落地|road:虹桥路
关于拆除老铁桥的建议|
关于保护通济桥的提案|bridge:通济桥
下塘村文化广场缺少照明|village:下塘村 market:下塘村文化广场
关于扶持石梯乡花椒产业的建议|town:石梯乡
关于理顺村委会与物业关系的建议|
长岭镇卫生院缺少救护车|town:长岭镇 hospital:长岭镇卫生院
关于增强基层卫生院服务能力的建议|
盘龙街道湖滨社区停车收费|street:盘龙街道 community:湖滨社区
东方花园业主群反映电梯故障|estate:东方花园
星河国际二期燃气未通|estate:星河国际
关于推动小区业主自治的建议|
麓山里小区井盖缺失|estate:麓山里
关于改扩建第四小学的建议|school:第四小学
启明中学住宿生食堂问题|school:启明中学
关于延缓中小学上学时间的建议|
县中医院门诊楼漏雨|hospital:中医院
关于深化医院绩效改革的建议|
北关菜市场占用盲道|market:北关菜市场
关于加强超市食品抽检的建议|
龙泉公园夜跑道破损|park:龙泉公园
关于增加城市公园数量的建议|
沅江段非法捕捞|water:沅江
关于治理农村黑臭水体的建议|
东湖水库泄洪预警|water:东湖水库
关于增开高铁站夜间公交的建议|
联丰塑料厂夜间排烟|company:联丰塑料厂
关于减轻小微企业负担的建议|
关于开放文庙的建议|
慈云寺香火钱公示|scenic:慈云寺
清江县五里铺镇干部作风|district:清江县 town:五里铺镇
关于促进县乡村三级物流体系建设的建议|
市图书馆闭馆太早|station:图书馆
关于治理电信诈骗的建议|
幸福小学门口堵车|school:幸福小学
"""

# A sentence | its numbers with their measure; "!" marks those that name a thing and do not count.
NUMBERS = """
关于增设2路公交站点的建议|2路!
二路公交车经常晚点|2路!
关于K15路公交延长运营时间的建议|K15路!
关于尽快建设地铁4号线的建议|4号线!
三号线换乘不便|3号线!
阳光花园二期停工|2期!
某小区12号楼外墙脱落|12号楼!
十二栋三单元漏水|12号楼! 3单元!
小学五年级学生作业多|5年级!
建议把养老金提高到每月2000元|2000元
投资2.5亿元建设的管廊闲置|250000000元
占地3000平米的停车场|3000平方米
十五万元补贴未发|150000元
一千二百户居民没有天然气|1200户
全县有3万余人外出务工|30000人
关于深入推进五水共治的建议|
关于落实双减政策的建议|
关于规范二手房交易的建议|
关于整治三轮车乱停的建议|
关于推进一站式服务的建议|
第一时间处置投诉|
群众十分不满，有一些意见|
关于加强一带一路建设的建议|
万达广场停车难|
十四五规划实施|
2023年预算|2023年
329国道改造|329国道!
G60高速降噪|G60线!
第三标段进度慢|3标段!
柳河村五组断水|5组!
每天工作十二小时|12小时
噪声达到75分贝|75分贝
生育率下降20%|20%
关于新建两座人行天桥的建议|2座
希望增加3个班次|
115路、116路线路重复|115路! 116路!
关于延长60岁以上老人免费乘车时间|60岁
零一八县道|18县道!
公交303路改线|303路!
百年老街保护|
一老一小服务|
这里有一路灯坏了|
"""

# A sentence | its asks: class, + or - for wanted or not, object.
ASKS = """
关于大力发展林下经济的建议|support+林下经济
关于优先发展轨道交通的提案|support+轨道交通
关于粮食产业可持续发展的建议|support+粮食产业
关于推广“光盘行动”的建议|support+光盘行动
关于搭建农民工求职平台的建议|add+农民工求职平台
关于稳步推进城中村改造提升居住品质的建议|repair+城中村 repair+居住品质
关于完善街道综合养老服务中心运营机制的建议|repair+服务中心运营机制
青云路拓宽及路面修整|repair+青云路 repair+路面
关于拓宽和泉镇茶园公路的建议|repair+茶园公路
关于社会保障卡跨省通用的建议|
关于增设公交站点的建议|add+公交站点
关于取消路边停车收费的建议|remove+路边停车收费
关于不要拆除老粮仓的建议|remove-粮仓
关于保留菜市场的提案|keep+菜市场
关于搬迁化工厂的建议|move+化工厂
关于禁止电动车上楼的建议|forbid+电动车上楼
关于允许夜市经营的建议|allow+夜市经营
关于延长图书馆开放时间的建议|raise+图书馆开放时间
关于缩短红灯等待时间的建议|lower+红灯等待时间
关于加强对校外培训机构监管的建议|enforce+校外培训机构
关于加大对流浪犬整治力度的建议|repair+流浪犬
关于提高乡村医生待遇的建议|raise+乡村医生待遇
关于发放育儿补贴的建议|pay+育儿补贴
关于减免小微企业税费的建议|lower+小微企业税费
关于河道治理的建议|repair+河道
关于尽快开通城际公交的建议|add+城际公交
关于停办民办初中的建议|remove+民办初中
关于反对建设垃圾焚烧厂的建议|add-垃圾焚烧厂
关于修路的建议|repair+路
关于装路灯的建议|add+路灯
建议将公交首末站迁移到西郊|move+公交首末站
建议对老旧管网进行更换|repair+老旧管网
停车难问题|
小区里没有设置垃圾箱|
希望把人行道上的电线杆移走|move+电线杆
关于在学校门口安装减速带的建议|add+减速带
关于完善养老保险制度的建议|repair+养老保险制度
请严厉打击电信诈骗|enforce+电信诈骗
恳请补发拖欠的工资|pay+工资
不要取消早班车|remove-早班车
关于放开烟花爆竹燃放的建议|allow+烟花爆竹燃放
关于限制烟花爆竹燃放的建议|forbid+烟花爆竹燃放
关于鼓励生育的建议|support+生育
关于公开物业收支的建议|publicise+物业收支
关于暂缓拆迁棚户区的建议|remove-棚户区
"""


def cases(table: str) -> list[tuple[str, list[str]]]:
    rows = [line.partition("|") for line in table.splitlines() if line]
    return [(text, wanted.split()) for text, _, wanted in rows]


def places(text: str) -> set[str]:
    return {f"{place.kind}:{place.name}" for place in find_mentions(text, SEGMENTER).places}


@pytest.mark.parametrize(("text", "wanted"), cases(PLACES), ids=lambda value: value if isinstance(value, str) else "")
def test_places(text: str, wanted: list[str]) -> None:
    assert places(text) == set(wanted)


def test_the_sentences_hold_every_kind_and_enough_of_nothing() -> None:
    kinds = Counter(place.partition(":")[0] for _, wanted in cases(PLACES) for place in wanted)
    assert len(cases(PLACES)) >= 300
    assert len(kinds) >= 18
    assert sum(not wanted for _, wanted in cases(PLACES)) >= 80


@pytest.mark.parametrize(("text", "wanted"), cases(NUMBERS), ids=lambda value: value if isinstance(value, str) else "")
def test_numbers(text: str, wanted: list[str]) -> None:
    numbers = find_mentions(text, SEGMENTER).numbers
    assert [f"{n.value}{n.measure}{'!' if n.identity else ''}" for n in numbers] == wanted


@pytest.mark.parametrize(("text", "wanted"), cases(ASKS), ids=lambda value: value if isinstance(value, str) else "")
def test_asks(text: str, wanted: list[str]) -> None:
    asks = find_mentions(text, SEGMENTER).asks
    assert [f"{ask.action}{'+' if ask.polarity > 0 else '-'}{ask.object}" for ask in asks] == wanted


@pytest.mark.parametrize(
    ("text", "value"),
    [("12", 12), ("十", 10), ("十二", 12), ("二十", 20), ("一百零五", 105), ("两千五", 2500), ("三百二", 320),
     ("一千零一十", 1010), ("三〇八", 308), ("1,200", 1200)],
)  # fmt: skip
def test_values(text: str, value: int) -> None:
    assert value_of(text) == value


def test_what_is_no_number_has_no_value() -> None:
    assert value_of("甲") is None
    assert value_of("") is None


@pytest.mark.parametrize(
    ("one", "other"),
    [("人民路北段积水", "人民路积水"), ("东湾村委会", "东湾村"), ("市城东小学校门口", "城东小学门口"),
     ("我市翠竹社区居委会", "翠竹社区"), ("阳光花园小区停水", "阳光花园停水"), ("S308省道", "308省道"),
     ("329国道", "G329国道")],
)  # fmt: skip
def test_two_mentions_of_one_place_have_one_name(one: str, other: str) -> None:
    assert places(one) == places(other) != set()


def test_the_title_weighs_most_and_a_remark_least() -> None:
    text = "关于人民路增设公交站的建议。去年解放路已经改造。建议在和平路也设一个站。"
    weights = {place.name: place.weight for place in find_mentions(text, SEGMENTER).places}
    assert weights["人民路"] > weights["和平路"] > weights["解放路"]


def test_what_is_told_and_not_asked_is_no_ask() -> None:
    text = "关于增设路灯的建议。路面去年拓宽，绿化带同时改造。"
    assert [ask.verb for ask in find_mentions(text, SEGMENTER).asks] == ["增设"]


def test_numbered_points_after_a_request_ask_too() -> None:
    text = "关于金桂路积水的建议。雨后无法通行。为此建议如下。一、改造排水管网。二、增设泵站。三、对沿线工地加强监管。"
    asks = find_mentions(text, SEGMENTER).asks
    assert [(ask.verb, ask.object) for ask in asks] == [
        ("改造", "排水管网"),
        ("增设", "泵站"),
        ("加强监管", "沿线工地"),
    ]


def test_a_verb_that_describes_a_noun_is_no_ask() -> None:
    asks = find_mentions("请公开维修资金使用情况，对村级养老点给予运营补贴。", SEGMENTER).asks
    assert [(ask.verb, ask.object) for ask in asks] == [("公开", "维修资金使用"), ("补贴", "村级养老点")]


def test_spans_stand_where_they_say() -> None:
    text = "建议在柳河镇东湾村修建水库，投资2.5亿元，不要拆除石桥。"
    found = find_mentions(text, SEGMENTER)
    assert [text[place.start : place.end] for place in found.places] == ["柳河镇", "东湾村"]
    assert [text[number.start : number.end] for number in found.numbers] == ["2.5亿元"]
    assert [text[ask.start : ask.end] for ask in found.asks] == ["修建", "拆除"]


def test_mentions_survive_json() -> None:
    found = find_mentions("建议在柳河镇东湾村修建水库，投资2.5亿元。不要拆除石桥。", SEGMENTER)
    assert found.places
    assert found.numbers
    assert found.asks
    assert Mentions.from_json(json.loads(json.dumps(found.to_json()))) == found
    assert Mentions.from_json(Mentions().to_json()) == Mentions()


FRAGMENTS = st.lists(
    st.sampled_from(
        "人民 路 镇 村 小区 第 三 3 号楼 期 小学 的 增设 取消 不要 。 ， 在 G60 高速 环 一路 站 医院 里 县".split()
    )
    | st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF)
    | st.characters(),
    max_size=40,
).map("".join)


@given(FRAGMENTS)
def test_any_text_gives_spans_within_it(text: str) -> None:
    found = find_mentions(text, SEGMENTER)
    for mention in (*found.places, *found.numbers, *found.asks):
        assert 0 <= mention.start < mention.end <= len(text)
        assert 0 < mention.weight <= 1
    assert all(place.name for place in found.places)
    assert all(len(ask.object) <= 8 or ask.object in {place.name for place in found.places} for ask in found.asks)
    assert Mentions.from_json(found.to_json()) == found


def test_an_empty_and_an_endless_text() -> None:
    assert find_mentions("", SEGMENTER) == Mentions()
    long = find_mentions("人民路积水。" * 2_000, SEGMENTER)
    assert max(place.end for place in long.places) <= READ


def test_a_letter_takes_about_a_millisecond() -> None:
    letter = "".join(text + "。" for text, _ in cases(PLACES))[:300]
    find_mentions(letter, SEGMENTER)
    best = min(timeit.repeat(lambda: find_mentions(letter, SEGMENTER), number=10, repeat=10)) / 10
    assert best < 0.005  # 0.0006 measured; the rest is for slow and busy machines


def test_the_table_of_verbs_is_sound() -> None:
    table = actions()
    classes = set(table.classes.values())
    assert len(table.classes) >= 200
    assert {action for pair in table.opposites for action in pair} <= classes
    assert are_opposite("add", "remove")
    assert are_opposite("forbid", "allow")
    assert not are_opposite("repair", "add")
